import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startScript } from '../start-script.ts';

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
  const { child, ready, ended } = await startScript<{ grpcPort: number; httpPort: number }>(PLAIN, {
    // By which its engine is found.
    env: { ...process.env, OPHION_DATA_DIR: dataDir },
    message: { dataDir },
  });
  const clean = async (): Promise<void> => {
    await ended;
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  return {
    pid: child.pid ?? 0,
    ...ready,
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
