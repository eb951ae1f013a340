import { fork } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { ensureReady, ROOT } from '../../runtime/setup/ensure.mjs';
import { startFlags } from '../../runtime/setup/start-flags.mjs';

ensureReady();
const { register } = await import('tsx/esm/api');
register();
const { readDemoOptions, runDemo } = await import('./demo.ts');
const options = readDemoOptions(process.argv.slice(2));
if (options) {
  if (options.endpoint === undefined) await withPlatform((endpoint) => runDemo(options, endpoint));
  else await runDemo(options, options.endpoint);
  process.exit();
}

/** The platform runs beside the shop, and ends after it. */
async function withPlatform(work) {
  const platform = fork(join(ROOT, 'runtime', 'setup', 'start.mjs'), [], {
    cwd: ROOT,
    execArgv: startFlags(),
    // Its own group: an interrupt is for the shop, which lets the platform have the last of its telemetry.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ports = await new Promise((resolve, reject) => {
    platform.once('message', (message) => resolve(message.ports));
    platform.once('exit', () => reject(new Error('the platform did not start; the lines above say why')));
  });
  const ended = new Promise((resolve) => platform.once('exit', resolve));
  await work(`http://127.0.0.1:${ports.otlpHttp}`);
  platform.kill('SIGTERM');
  await ended;
}
