import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FIRST_ADMIN } from './auth/index.ts';
import { ConfigError, readConfig, settingRows } from './config/index.ts';
import { createLog } from './log/index.ts';
import { startPlatform, type Platform } from './platform/index.ts';
import { onStopSignals } from './setup/stop-signals.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const STOP_DEADLINE_MS = 30_000;

async function main(): Promise<void> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    print(helpText());
    return;
  }
  const [unknown] = process.argv.slice(2);
  if (unknown !== undefined) {
    throw new ConfigError(
      `${unknown} is no option: settings are environment variables or stand in ophion.yaml, npm start -- --help lists them`,
    );
  }
  // Whoever read it may have gone.
  process.stdout.on('error', () => undefined);
  // Started as a part of something larger, it does not outlive that.
  let leave = (): void => process.exit(1);
  process.once('disconnect', () => {
    leave();
  });
  const config = await readConfig(process.env);
  const log = createLog(config.logLevel);
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const platform = await startPlatform({
    config,
    log,
    version,
    webFolder: join(ROOT, 'dist', 'web'),
    decoderFile: join(ROOT, 'dist', 'decoder.wasm'),
    threadUrl: pathToFileURL(join(ROOT, 'dist', 'threads', 'tasks-thread.js')).href,
    templatesFolder: join(ROOT, 'dist', 'templates'),
  });

  let isStopping = false;
  const stop = (why: string): void => {
    if (isStopping) return;
    isStopping = true;
    log.info({ why }, 'stopping');
    setTimeout(() => {
      log.error('stopping took too long; what was accepted is in the journal');
      process.kill(process.pid, 'SIGKILL');
    }, STOP_DEADLINE_MS).unref();
    platform.stop().then(
      () => {
        log.info('stopped');
        // Nothing of ours is left; what libraries keep alive is no reason to stay.
        process.exit(0);
      },
      (error: unknown) => {
        log.error({ err: error }, 'stopping failed; what was accepted is in the journal');
        process.exit(1);
      },
    );
  };
  leave = () => {
    stop('whoever started it has ended');
  };
  onStopSignals(stop, () => process.kill(process.pid, 'SIGKILL'));
  print(readyTable(config.host, config.tlsCertFile !== undefined, platform));
  process.send?.({ type: 'ready', ports: platform.ports });
}

function readyTable(host: string, isTls: boolean, { ports, adminPassword }: Platform): string {
  const name = host === '127.0.0.1' || host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  const scheme = isTls ? 'https' : 'http';
  return [
    '',
    `  OPHION is ready`,
    `  dashboard   ${scheme}://${name}:${ports.dashboard}`,
    `  API         ${scheme}://${name}:${ports.api}`,
    `  OTLP gRPC   ${name}:${ports.otlpGrpc}`,
    `  OTLP HTTP   ${scheme}://${name}:${ports.otlpHttp}`,
    ...(adminPassword === undefined
      ? []
      : [
          '',
          `  sign in as  ${FIRST_ADMIN}`,
          `  password    ${adminPassword}`,
          '              (shown this once; it has to be changed at the first sign-in)',
        ]),
    '',
    '',
  ].join('\n');
}

function helpText(): string {
  const rows = settingRows();
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map(
    ({ name, fallback, help }) =>
      `  ${name.padEnd(width)}  ${help}${fallback === '' ? '' : ` [${fallback}]`}`,
  );
  return ['usage: npm start', '', 'Settings (environment, or ophion.yaml):', ...lines, ''].join('\n');
}

function print(text: string): void {
  process.stdout.write(text);
}

main().catch((error: unknown) => {
  process.stderr.write(`ophion cannot start: ${oneLine(error)}\n`);
  // Whatever a half-started library keeps alive is no reason to stay.
  process.exit(1);
});

/** Messages of databases and parsers run over several lines; whoever reads a log wants one. */
function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && !(error instanceof ConfigError) ? codeOf(error) : '';
  return `${message.replaceAll(/\s*[\r\n]+\s*/g, ' ').trim()}${code}`;
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
}
