import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadReport } from './retrying-load.ts';

const SENDER = fileURLToPath(new URL('./retrying-load.ts', import.meta.url));

export interface RunningLoad {
  /** Requests are on their way from now on. */
  readonly started: Promise<void>;
  /** No new requests. `drain`: until all that were begun are acknowledged. */
  end(how: 'drain' | 'stop'): Promise<LoadReport>;
  /** When something went wrong on the way. */
  kill(): void;
}

export function startRetryingLoad(order: LoadOrder): RunningLoad {
  const child = fork(SENDER, [], { execArgv: ['--import', import.meta.resolve('tsx')] });
  const report = new Promise<LoadReport>((resolve, reject) => {
    child.on('message', (message: LoadReport | 'started') => {
      if (message !== 'started') resolve(message);
    });
    child.once('exit', (code) => {
      reject(new Error(`the load generator ended with ${code ?? 'a signal'} and no report`));
    });
  });
  const started = new Promise<void>((resolve) => {
    child.once('message', () => {
      resolve();
    });
  });
  // Asked for later.
  report.catch(() => undefined);
  child.send(order);
  return {
    started,
    end(how) {
      child.send(how);
      return report;
    },
    kill() {
      child.kill('SIGKILL');
    },
  };
}
