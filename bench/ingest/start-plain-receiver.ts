import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PLAIN = fileURLToPath(new URL('./plain-receiver.ts', import.meta.url));

export interface RunningPlainReceiver {
  readonly pid: number;
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly dataDir: string;
  stop(): Promise<void>;
  /** Without waiting for anything that it has accepted. */
  kill(): Promise<void>;
}

/** The baseline of `plain-receiver.ts`, in a process of its own. It takes spans alone, as protobuf. */
export async function startPlainReceiver(): Promise<RunningPlainReceiver> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ophion-plain-'));
  const child = fork(PLAIN, [], {
    execArgv: ['--import', import.meta.resolve('tsx')],
    // By which its engine is found.
    env: { ...process.env, OPHION_DATA_DIR: dataDir },
  });
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  const ports = await new Promise<{ grpcPort: number; httpPort: number }>((resolve, reject) => {
    child.once('message', (message) => {
      resolve(message as { grpcPort: number; httpPort: number });
    });
    child.once('exit', () => {
      reject(new Error('the plain receiver did not start; the lines above say why'));
    });
    child.send({ dataDir });
  });
  const clean = async (): Promise<void> => {
    await ended;
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  return {
    pid: child.pid ?? 0,
    ...ports,
    dataDir,
    stop() {
      if (child.connected) child.disconnect();
      return clean();
    },
    kill() {
      child.kill('SIGKILL');
      return clean();
    },
  };
}
