import { fork } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { ensureReady, ROOT } from '../../runtime/setup/ensure.mjs';
import { startEnvironment, startFlags } from '../../runtime/setup/start-flags.mjs';
import { onStopSignals } from '../../runtime/setup/stop-signals.mjs';

await ensureReady();
const { register } = await import('tsx/esm/api');
register();
const { readDemoOptions, runDemo } = await import('./demo.ts');
const options = readDemoOptions(process.argv.slice(2));
if (options) {
  const stop = new AbortController();
  if (options.endpoint === undefined) {
    await withPlatform(stop, (endpoint) => runDemo(options, endpoint, stop.signal));
  } else {
    onStopSignals(
      () => stop.abort(),
      () => process.exit(1),
    );
    await runDemo(options, options.endpoint, stop.signal);
  }
  process.exit();
}

/** The platform runs beside the shop, and ends after it. The shop does not go on without it. */
async function withPlatform(stop, work) {
  const platform = fork(join(ROOT, 'runtime', 'setup', 'start.mjs'), [], {
    cwd: ROOT,
    execArgv: startFlags(),
    env: { ...process.env, ...startEnvironment() },
    // Its own group: an interrupt is for the shop, which lets the platform have the last of its telemetry.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let isReady = false;
  onStopSignals(
    () => {
      stop.abort();
      if (!isReady) platform.kill('SIGTERM');
    },
    () => {
      platform.kill('SIGKILL');
      process.exit(1);
    },
  );
  const ended = new Promise((resolve) => {
    platform.once('exit', () => {
      // Its own last line says why.
      if (!stop.signal.aborted) process.exitCode = 1;
      stop.abort();
      resolve();
    });
  });
  const ready = new Promise((resolve) => platform.once('message', resolve));
  const message = await Promise.race([ready, ended]);
  if (message === undefined) return;
  isReady = true;
  await work(`http://127.0.0.1:${message.ports.otlpHttp}`);
  platform.kill('SIGTERM');
  await ended;
}
