import { fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, chmod, constants, mkdir } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { DirectoryInUseError, DirectoryUnusableError } from '../../../directory-lock/index.ts';
import { EngineStartError } from './engine-start-error.ts';
import type { EngineStart, FromEngine, ToEngine } from './messages.ts';
import { MAX_CONCURRENT_QUERIES } from './sessions.ts';

export interface EmbeddedClickHouseOptions {
  /** Everything of the engine lives in it. One process may open it at a time. */
  readonly dataDir: string;
  /** Of a new, empty engine (see `make-templates.ts`), copied when there is none yet: its tables need not be made then. */
  readonly template?: string;
  /** What an operator changes to use another directory; for messages. */
  readonly setting?: string;
  /** Of the engine's process, as the engine counts it. */
  readonly memoryLimitBytes?: number;
  /** Also listen on 127.0.0.1, for this user only. Port 0 takes any. */
  readonly tcp?: { readonly port: number; readonly username: string; readonly password: string };
  /** How long a query that was cancelled may go on before the process is started anew. Default 20 s. */
  readonly mostCancellingMs?: number;
  /** Told when the engine's process ended and was not asked to; it is started again. */
  readonly onExit?: (reason: string) => void;
}

export interface EmbeddedClickHouse {
  /** For `createClient` of `@clickhouse/client`. */
  readonly clientOptions: {
    readonly url: string;
    readonly http_agent: Agent;
    readonly keep_alive: { readonly idle_socket_ttl: number };
  };
  /** Of the engine's process; changes when it is started again, undefined in between. */
  readonly pid: number | undefined;
  /** Where it listens when `tcp` was asked for. */
  readonly tcpPort: number | undefined;
  /** Waits for running queries, 10 s at most. */
  stop(): Promise<void>;
}

/** `engine-child.ts`, built. */
const ENGINE_SCRIPT = fileURLToPath(new URL('../../../../dist/platform/engine-child.js', import.meta.url));
const DEFAULT_MEMORY_LIMIT_BYTES = 1.5 * 1024 * 1024 * 1024;
/** sockaddr_un holds 104 bytes on some systems, 108 on others. */
const MAX_SOCKET_PATH_BYTES = 100;
/** A KILL QUERY ends others within 25 ms, and minutes would pass until some functions look at it. */
const MOST_CANCELLING_MS = 20_000;
const FIRST_RESTART_MS = 100;
const MOST_RESTART_MS = 5_000;
/** An engine that lost its parent needs a moment to close and to give its directory free. */
const DIRECTORY_RELEASE_MS = 3_000;
const MOST_STOPPING_MS = 15_000;

async function socketPathFor(dataDir: string): Promise<string> {
  const inside = join(dataDir, 'engine.sock');
  if (Buffer.byteLength(inside) <= MAX_SOCKET_PATH_BYTES) return inside;
  const privateDir = join(tmpdir(), `ophion-${userInfo().uid}`);
  await mkdir(privateDir, { recursive: true, mode: 0o700 });
  // Rejects when the directory is somebody else's.
  await chmod(privateDir, 0o700);
  return join(privateDir, `${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}.sock`);
}

function spawnEngine(): ChildProcess {
  return fork(ENGINE_SCRIPT, {
    execArgv: [],
    env: { ...withoutSettings(), UV_THREADPOOL_SIZE: String(MAX_CONCURRENT_QUERIES + 4) },
    // Away from the terminal's signals: the parent says when to end.
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

interface Running {
  readonly child: ChildProcess;
  readonly tcpPort: number | undefined;
}

/** Rejects with `DirectoryInUseError` or `EngineStartError`; then the child has ended or is about to. */
function startOnce(start: EngineStart): Promise<Running> {
  const child = spawnEngine();
  return new Promise((ready, reject) => {
    const refuse = (reason: string): void => {
      reject(new EngineStartError(start.dataDir, reason));
    };
    child.once('error', (error) => {
      refuse(error.message);
    });
    child.once('exit', (code, signal) => {
      refuse(`its process ended with ${signal ?? `code ${String(code)}`}.`);
    });
    child.once('message', (message: FromEngine) => {
      if (message.type === 'ready') ready({ child, tcpPort: message.tcpPort });
      if (message.type !== 'failed') return;
      if (message.isInUse) {
        reject(new DirectoryInUseError(start.dataDir, start.setting, message.holder));
      } else refuse(message.message);
    });
    child.send(start);
  });
}

async function startWithPatience(start: EngineStart): Promise<Running> {
  const deadline = performance.now() + DIRECTORY_RELEASE_MS;
  for (;;) {
    try {
      return await startOnce(start);
    } catch (error) {
      if (!(error instanceof DirectoryInUseError) || performance.now() > deadline) throw error;
      await sleep(200);
    }
  }
}

class SupervisedEngine implements EmbeddedClickHouse {
  readonly clientOptions: EmbeddedClickHouse['clientOptions'];
  private readonly start: EngineStart;
  private readonly onExit: (reason: string) => void;
  private readonly stopping = new AbortController();
  private running: Running | undefined;
  private restarting: Promise<void> | undefined;

  constructor(start: EngineStart, running: Running, onExit: (reason: string) => void) {
    this.start = start;
    this.onExit = onExit;
    // The name in the URL is never looked up: the agent connects to the socket.
    const http_agent = new Agent({ keepAlive: true, socketPath: start.socketPath } as object);
    // Clients that share an agent would close each other's sockets in mid-request for having idled (seen with 1.23.1).
    this.clientOptions = { url: 'http://embedded', http_agent, keep_alive: { idle_socket_ttl: 0 } };
    this.watch(running);
  }

  get pid(): number | undefined {
    return this.running?.child.pid;
  }

  get tcpPort(): number | undefined {
    return this.running?.tcpPort;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.restarting;
    const child = this.running?.child;
    this.running = undefined;
    if (child?.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      const stop: ToEngine = { type: 'stop' };
      child.send(stop, () => undefined);
      const force = setTimeout(() => child.kill('SIGKILL'), MOST_STOPPING_MS);
      await ended;
      clearTimeout(force);
    }
    this.clientOptions.http_agent.destroy();
  }

  private watch(running: Running): void {
    this.running = running;
    let isStuck = false;
    running.child.on('message', ({ type }: FromEngine) => {
      if (type !== 'stuck') return;
      isStuck = true;
      running.child.kill('SIGKILL');
    });
    running.child.once('exit', (code, signal) => {
      if (this.stopping.signal.aborted) return;
      this.running = undefined;
      this.onExit(
        isStuck
          ? 'was ended: a query that had been cancelled did not end'
          : `ended with ${signal ?? `code ${String(code)}`}`,
      );
      this.restarting = this.restart();
    });
  }

  private async restart(): Promise<void> {
    const { signal } = this.stopping;
    for (let waitMs = FIRST_RESTART_MS; ; waitMs = Math.min(waitMs * 2, MOST_RESTART_MS)) {
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        this.watch(await startWithPatience(this.start));
        return;
      } catch (error) {
        this.onExit(error instanceof Error ? error.message : String(error));
      }
    }
  }
}

/**
 * Starts the embedded ClickHouse engine in a process of its own, to be spoken to like a server. When that process
 * dies it is started again, and what was asked meanwhile fails. Rejects with `DirectoryInUseError` when another
 * process has the directory, with `DirectoryUnusableError` when it cannot be written, else with `EngineStartError`.
 */
export async function startEmbeddedClickHouse(
  options: EmbeddedClickHouseOptions,
): Promise<EmbeddedClickHouse> {
  const dataDir = resolve(options.dataDir);
  const setting = options.setting ?? 'OPHION_DATA_DIR';
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await access(dataDir, constants.W_OK);
  } catch (error) {
    throw new DirectoryUnusableError(dataDir, setting, error);
  }
  const start: EngineStart = {
    type: 'open',
    dataDir,
    setting,
    socketPath: await socketPathFor(dataDir),
    memoryLimitBytes: options.memoryLimitBytes ?? DEFAULT_MEMORY_LIMIT_BYTES,
    mostCancellingMs: options.mostCancellingMs ?? MOST_CANCELLING_MS,
    ...(options.template !== undefined && { template: options.template }),
    ...(options.tcp && { tcp: options.tcp }),
  };
  const running = await startWithPatience(start);
  // Somebody knows the port now: a restart must take the same.
  const port = running.tcpPort;
  const again: EngineStart =
    start.tcp && port !== undefined ? { ...start, tcp: { ...start.tcp, port } } : start;
  return new SupervisedEngine(again, running, options.onExit ?? (() => undefined));
}

/** Settings are ours alone, and some of them are secret: the engine is told of none but whose it is. */
function withoutSettings(): NodeJS.ProcessEnv {
  const isGiven = (name: string): boolean => !name.startsWith('OPHION_') || name === 'OPHION_DATA_DIR';
  // oxlint-disable-next-line node/no-process-env -- a child's thread pool can be sized only by its environment
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => isGiven(name)));
}
