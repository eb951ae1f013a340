import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { SECRET_NAMES, type Configuration } from '../../proto/settings/index.ts';
import {
  applyConfiguration,
  describeStep,
  exportConfiguration,
  parseConfiguration,
  planConfiguration,
  readConfiguration,
  writeConfiguration,
  type SecretValues,
} from '../configuration/index.ts';
import {
  CliError,
  EXIT,
  textOption,
  type CliIo,
  type CliRequest,
  type Command,
  type ExitCode,
} from './command.ts';
import { withInstallation } from './open-installation.ts';
import { answerOf, remoteOf, URL_HELP, URL_OPTION, type RemoteInstallation } from './remote-installation.ts';

const ABOUT_FILE =
  'The file is YAML: settings, roles, users with their roles, service accounts, and which secrets are set. What it does\n' +
  'not name stays as it is; roles that it leaves out of its list are removed. A secret is never in it: `set` says that\n' +
  'it is, `fromFile: PATH` and `fromEnvironment: NAME` where to read it when the file is applied. - is standard input.';

const exportCommand: Command = {
  name: 'config export',
  arguments: [],
  summary: 'write all that is configured while running, as YAML',
  help: ABOUT_FILE,
  options: { ...URL_OPTION, output: { type: 'string' } },
  optionHelp: { ...URL_HELP, output: 'file to write instead of standard output' },
  async run({ options, io }) {
    const remote = remoteOf(options, io);
    const file = remote
      ? parseConfiguration(
          answerOf(z.object({ configuration: z.unknown() }), await remote.ask('GET', API)).configuration,
        )
      : await withInstallation(io, exportConfiguration);
    const text = writeConfiguration(file);
    const output = textOption(options, 'output');
    if (output === undefined) io.write(text);
    else await writeFile(output, text, { mode: 0o600 });
    return EXIT.done;
  },
};

const diffCommand: Command = {
  name: 'config diff',
  arguments: ['FILE'],
  summary: 'show what applying a file would change; exit code 1 when there is something',
  help: ABOUT_FILE,
  options: URL_OPTION,
  optionHelp: URL_HELP,
  async run(request) {
    const lines = await changesOf(request, false);
    request.io.write(lines.map((line) => `${line}\n`).join(''));
    return lines.length === 0 ? EXIT.done : EXIT.no;
  },
};

const applyCommand: Command = {
  name: 'config apply',
  arguments: ['FILE'],
  summary: 'make everything as a file says: all of it, or nothing',
  help: `${ABOUT_FILE}\nIt is refused when nobody could manage users afterwards.`,
  options: { ...URL_OPTION, 'dry-run': { type: 'boolean' }, comment: { type: 'string' } },
  optionHelp: {
    ...URL_HELP,
    'dry-run': 'only show what would be done',
    comment: 'why, for the history of settings',
  },
  async run(request): Promise<ExitCode> {
    const isReal = request.options['dry-run'] !== true;
    const lines = await changesOf(request, isReal);
    request.io.write(lines.map((line) => `${line}\n`).join(''));
    const outcome = isReal ? `${lines.length} changes made` : `${lines.length} changes would be made`;
    request.io.complain(`${lines.length === 0 ? 'nothing to change' : outcome}\n`);
    return EXIT.done;
  },
};

export const CONFIG_COMMANDS = [exportCommand, diffCommand, applyCommand] as const;

const API = '/api/v1/configuration';

async function changesOf(
  { positionals, options, io }: CliRequest,
  isReal: boolean,
): Promise<readonly string[]> {
  const file = readConfiguration(await readText(positionals[0] ?? '', io));
  const secretValues = await readSecrets(file, io);
  const comment = textOption(options, 'comment') ?? '';
  const remote = remoteOf(options, io);
  if (remote) return askForChanges(remote, { configuration: file, secretValues, comment, dryRun: !isReal });
  return withInstallation(io, async (installation) => {
    const { author } = installation;
    const steps = isReal
      ? await applyConfiguration(installation, file, secretValues, author, comment)
      : (await planConfiguration(installation, file, secretValues)).steps;
    return steps.map(describeStep);
  });
}

async function askForChanges(remote: RemoteInstallation, body: unknown): Promise<readonly string[]> {
  return answerOf(z.object({ changes: z.array(z.string()) }), await remote.ask('POST', API, body)).changes;
}

async function readText(path: string, io: CliIo): Promise<string> {
  if (path === '-') {
    const chunks: Uint8Array[] = [];
    for await (const chunk of io.input) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    return Buffer.concat(chunks).toString('utf8');
  }
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new CliError(`${path} cannot be read: ${(error as Error).message}`);
  });
}

/** Here, where the file is applied: an installation is never made to read files or variables of its own. */
async function readSecrets(file: Configuration, io: CliIo): Promise<SecretValues> {
  const values = await Promise.all(
    SECRET_NAMES.map(async (name) => {
      const wanted = file.secrets[name];
      if (typeof wanted !== 'object') return [];
      if ('fromFile' in wanted) {
        return [[name, (await readText(wanted.fromFile, io)).replace(/\r?\n$/, '')] as const];
      }
      const value = io.environment[wanted.fromEnvironment] ?? '';
      if (value === '') throw new CliError(`secrets.${name}: ${wanted.fromEnvironment} is not set`);
      return [[name, value] as const];
    }),
  );
  return Object.fromEntries(values.flat());
}
