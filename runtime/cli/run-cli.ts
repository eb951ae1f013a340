import { parseArgs } from 'node:util';
import { ADMIN_COMMANDS } from './admin-commands.ts';
import { AUDIT_COMMANDS } from './audit-commands.ts';
import { EXIT, UsageError, type CliIo, type Command, type ExitCode } from './command.ts';
import { CONFIG_COMMANDS } from './config-commands.ts';

const COMMANDS: readonly Command[] = [...CONFIG_COMMANDS, ...AUDIT_COMMANDS, ...ADMIN_COMMANDS];
const HELP = { help: { type: 'boolean', short: 'h' } } as const;

/** Resolves with the exit code. */
export async function runCli(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const [group = '', verb = ''] = args;
  const command = COMMANDS.find(({ name }) => name === `${group} ${verb}`);
  if (!command) return withoutCommand(group, args, io);
  try {
    return await runCommand(command, args.slice(2), io);
  } catch (error) {
    if (error instanceof UsageError) {
      io.complain(`ophion ${command.name}: ${error.message}\n\n${helpOf(command)}`);
      return EXIT.usage;
    }
    const said = error instanceof Error ? error.message : String(error);
    io.complain(`ophion ${command.name}: ${said.replaceAll(/\s*[\r\n]+\s*/g, ' ')}\n`);
    return EXIT.failed;
  }
}

async function runCommand(command: Command, args: readonly string[], io: CliIo): Promise<ExitCode> {
  const { values, positionals } = parse(command, args);
  if (values['help'] === true) {
    io.write(helpOf(command));
    return EXIT.done;
  }
  if (positionals.length !== command.arguments.length) {
    throw new UsageError(`expected ${command.arguments.join(' ') || 'no arguments'}`);
  }
  return command.run({ positionals, options: values, io });
}

function withoutCommand(group: string, args: readonly string[], io: CliIo): ExitCode {
  const related = COMMANDS.filter(({ name }) => name.startsWith(`${group} `));
  const known = related.length > 0 ? related : COMMANDS;
  if (args.some((arg) => arg === '--help' || arg === '-h')) {
    io.write(overview(known));
    return EXIT.done;
  }
  if (args.length > 0) io.complain(`ophion: there is no command ${args.slice(0, 2).join(' ')}\n\n`);
  io.complain(overview(known));
  return EXIT.usage;
}

function parse(
  command: Command,
  args: readonly string[],
): {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
} {
  try {
    const options = { ...command.options, ...HELP };
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return { values: values, positionals };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function overview(commands: readonly Command[]): string {
  const rows = commands.map((command) => [usageOf(command), command.summary] as const);
  return [
    'usage: ophion COMMAND [options]',
    '',
    ...aligned(rows),
    '',
    'Each has --help. Exit codes: 0 done, 1 differences or a broken log, 2 wrong usage, 3 failed.',
    'An installation on this machine is found as npm start finds it (OPHION_DATA_DIR, OPHION_POSTGRES_URL, ophion.yaml)',
    'and must be stopped; --url manages one that runs, with the key in OPHION_API_KEY.',
    '',
  ].join('\n');
}

function helpOf(command: Command): string {
  const rows = Object.entries({ ...command.optionHelp, help: 'show this' }).map(([name, help]) => {
    const takesValue = command.options[name]?.type === 'string';
    return [`--${name}${takesValue ? ` ${name.toUpperCase()}` : ''}`, help] as const;
  });
  return [`usage: ophion ${usageOf(command)} [options]`, '', command.help, '', ...aligned(rows), ''].join(
    '\n',
  );
}

function usageOf(command: Command): string {
  return [command.name, ...command.arguments].join(' ');
}

function aligned(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
