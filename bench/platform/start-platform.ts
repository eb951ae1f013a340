import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ANY_PORTS, KNOWN_ADMIN } from '../../runtime/end-to-end/index.ts';
import { startEnvironment, startFlags } from '../../runtime/setup/start-flags.mjs';

export interface RunningPlatform {
  readonly pid: number;
  readonly ports: {
    readonly dashboard: number;
    readonly api: number;
    readonly otlpGrpc: number;
    readonly otlpHttp: number;
  };
  /** From spawning the process to its word that it is ready. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

const START = fileURLToPath(new URL('../../runtime/setup/start.mjs', import.meta.url));

/** The platform as users start it, in a process of its own, with free ports and a new data directory. */
export async function startPlatform(
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningPlatform> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ophion-bench-'));
  const startedMs = performance.now();
  const child = fork(START, [], {
    execArgv: startFlags(),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      ...startEnvironment(),
      OPHION_DATA_DIR: dataDir,
      ...ANY_PORTS,
      OPHION_LOG_LEVEL: 'warn',
      ...KNOWN_ADMIN,
      ...settings,
    },
  });
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  const ports = await new Promise<RunningPlatform['ports']>((resolve, reject) => {
    child.once('message', (message) => {
      resolve((message as { ports: RunningPlatform['ports'] }).ports);
    });
    child.once('exit', () => {
      reject(new Error('the platform did not start; the lines above say why'));
    });
  });
  return {
    pid: child.pid ?? 0,
    ports,
    readyMs: performance.now() - startedMs,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
