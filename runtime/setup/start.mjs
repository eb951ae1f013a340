import { ensureReady } from './ensure.mjs';

const STARTER = process.ppid;
const LOOK_EVERY_MS = 1_000;

await ensureReady();
await import('../../dist/platform/main.js');

// npm starts scripts by a shell, which ends at a SIGTERM and passes it on to nobody.
if (process.env.npm_lifecycle_event !== undefined) {
  const looks = setInterval(() => {
    if (process.ppid === STARTER) return;
    clearInterval(looks);
    process.kill(process.pid, 'SIGTERM');
  }, LOOK_EVERY_MS);
  looks.unref();
}
