import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SdkLoadOrder, SdkLoadReport } from './sdk-load.ts';

const SENDER = fileURLToPath(new URL('./sdk-load.ts', import.meta.url));

export interface RunningSdkLoad {
  /** Nothing new; what is queued is sent or given up, as the SDK does. */
  end(): Promise<SdkLoadReport>;
  /** When something went wrong on the way. */
  kill(): void;
}

/** Resolves when it is under way. */
export async function startSdkLoad(order: SdkLoadOrder): Promise<RunningSdkLoad> {
  const child = fork(SENDER, [], { execArgv: ['--import', import.meta.resolve('tsx')] });
  let begin: () => void = () => undefined;
  const started = new Promise<void>((resolve) => (begin = resolve));
  const report = new Promise<SdkLoadReport>((resolve, reject) => {
    child.on('message', (message: SdkLoadReport | 'started') => {
      if (message === 'started') begin();
      else resolve(message);
    });
    child.once('exit', (code) => {
      reject(new Error(`an application with the SDK ended with ${code ?? 'a signal'} and no report`));
    });
  });
  // Asked for later.
  report.catch(() => undefined);
  child.send(order);
  await Promise.race([started, report]);
  return {
    end() {
      child.send('end');
      return report;
    },
    kill() {
      child.kill('SIGKILL');
    },
  };
}
