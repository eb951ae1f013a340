import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PLAIN = fileURLToPath(new URL('./plain-live.ts', import.meta.url));

/** The baseline of `plain-live.ts`, in a process of its own: page, WebSocket and OTLP over HTTP on one port. */
export async function startPlainLive(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const child = fork(PLAIN, [], { execArgv: ['--import', import.meta.resolve('tsx')] });
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => {
      resolve((message as { port: number }).port);
    });
    child.once('exit', () => {
      reject(new Error('the plain receiver did not start; the lines above say why'));
    });
  });
  return {
    port,
    async stop() {
      child.disconnect();
      await ended;
    },
  };
}
