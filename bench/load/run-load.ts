import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadReport } from './send-load.ts';

const SENDER = fileURLToPath(new URL('./send-load.ts', import.meta.url));

export function runLoad(order: LoadOrder): Promise<LoadReport> {
  const child = fork(SENDER, [], { execArgv: ['--import', import.meta.resolve('tsx')] });
  return new Promise((resolve, reject) => {
    child.once('message', (report) => {
      resolve(report as LoadReport);
    });
    child.once('exit', (code) => {
      reject(new Error(`the load generator ended with ${code ?? 'a signal'} and no report`));
    });
    child.send(order);
  });
}
