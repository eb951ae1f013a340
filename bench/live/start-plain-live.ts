import { fileURLToPath } from 'node:url';
import { startScript } from '../start-script.ts';

const PLAIN = fileURLToPath(new URL('./plain-live.ts', import.meta.url));

/** The baseline of `plain-live.ts`, in a process of its own: page, WebSocket and OTLP over HTTP on one port. */
export async function startPlainLive(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const { child, ready, ended } = await startScript<{ readonly port: number }>(PLAIN);
  return {
    port: ready.port,
    async stop() {
      child.disconnect();
      await ended;
    },
  };
}
