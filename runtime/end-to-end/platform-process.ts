import { fork, type ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Platform } from '../platform/index.ts';
import { startEnvironment, startFlags } from '../setup/start-flags.mjs';
import { ANY_PORTS } from './any-ports.ts';
import { KNOWN_ADMIN } from './signed-in.ts';

/** `main.ts`, built. */
const MAIN = fileURLToPath(new URL('../../dist/platform/main.js', import.meta.url));

/** How a process that was to become the platform ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** The platform as users start it: a process of its own. */
export interface PlatformProcess {
  readonly pid: number;
  readonly ports: Platform['ports'];
  readonly ended: Promise<Ended>;
  kill(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void;
  /** As when the process that started it ends. */
  leaveAlone(): void;
}

interface StartOptions {
  /** Where its log goes, an open file; otherwise it is kept for `ended`. */
  readonly stderr?: number;
  /** Whom the process belongs to. */
  readonly userId?: number;
  readonly args?: readonly string[];
}

const children = new Set<ChildProcess>();

function start(
  dataDir: string,
  settings: Readonly<Record<string, string>>,
  { userId, args = [], stderr: log }: StartOptions = {},
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = fork(MAIN, args, {
    execArgv: startFlags(),
    stdio: ['ignore', 'ignore', log ?? 'pipe', 'ipc'],
    ...(userId === undefined ? {} : { uid: userId, gid: userId }),
    env: {
      ...process.env,
      ...startEnvironment(),
      ...ANY_PORTS,
      OPHION_LOG_LEVEL: 'error',
      OPHION_DATA_DIR: dataDir,
      ...KNOWN_ADMIN,
      ...settings,
    },
  });
  children.add(child);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => {
    child.once('exit', (code, signal) => {
      children.delete(child);
      // What engines inherited may keep the pipe open; the process itself has said all.
      setImmediate(() => {
        resolve({ code, signal, stderr });
      });
    });
  });
  return { child, ended };
}

/** Resolves when it is ready; rejects when it ends before. */
export async function startPlatformProcess(
  dataDir: string,
  settings: Readonly<Record<string, string>> = {},
  options: StartOptions = {},
): Promise<PlatformProcess> {
  const { child, ended } = start(dataDir, settings, options);
  const ports = await Promise.race([
    new Promise<Platform['ports']>((resolve) => {
      child.once('message', (message) => {
        resolve((message as { ports: Platform['ports'] }).ports);
      });
    }),
    ended.then(({ stderr }) => Promise.reject(new Error(`the platform did not start: ${stderr}`))),
  ]);
  return {
    pid: child.pid ?? 0,
    ports,
    ended,
    kill: (signal) => child.kill(signal),
    leaveAlone() {
      child.disconnect();
    },
  };
}

/** For starts that must fail. */
export async function failToStart(
  dataDir: string,
  settings: Readonly<Record<string, string>> = {},
  options: StartOptions = {},
): Promise<Ended> {
  const { child, ended } = start(dataDir, settings, options);
  const becameReady = new Promise<never>((_resolve, reject) => {
    child.once('message', () => {
      reject(new Error('the platform started'));
    });
  });
  return Promise.race([ended, becameReady]);
}

/** Those that a failed test left. */
export function killPlatformProcesses(): void {
  for (const child of children) child.kill('SIGKILL');
}

/** Ids of the processes that were started for this data directory, by what their command line ends with. */
export async function processesOf(dataDir: string, script = ''): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const [environment, command] = await Promise.all(
      ['environ', 'cmdline'].map((file) => readFile(`/proc/${name}/${file}`, 'utf8').catch(() => '')),
    );
    const isOurs = environment?.split('\0').includes(`OPHION_DATA_DIR=${dataDir}`) === true;
    if (isOurs && command?.includes(script) === true) found.push(Number(name));
  }
  return found;
}

/** Engines may need a moment to close. The ids of those that are still there afterwards. */
export async function leftProcessesOf(dataDir: string, patienceMs = 10_000): Promise<number[]> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const left = await processesOf(dataDir);
    if (left.length === 0 || Date.now() > deadline) return left;
    await sleep(100);
  }
}
