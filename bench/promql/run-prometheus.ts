import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RunningPrometheus {
  readonly port: number;
  readonly version: string;
  stop(): Promise<void>;
}

const READY_MS = 30_000;

/** Debian's `prometheus` in a process of its own, with a new data directory, on loopback. Undefined without one. */
export async function runPrometheus(binary = 'prometheus'): Promise<RunningPrometheus | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'ophion-prometheus-'));
  const config = join(folder, 'prometheus.yml');
  await writeFile(config, 'global: {}\n');
  const port = await freePort();
  const child = spawn(
    binary,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
      '--query.max-samples=100000000',
      '--query.timeout=10m',
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
    child.once('error', () => {
      resolve();
    });
  });
  const isRunning = await Promise.race([ended.then(() => false), untilReady(port).then(() => true)]);
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  if (!isRunning) {
    await rm(folder, { recursive: true, force: true });
    return undefined;
  }
  const info = (await (await fetch(`http://127.0.0.1:${port}/api/v1/status/buildinfo`)).json()) as {
    readonly data: { readonly version: string };
  };
  return { port, version: info.data.version, stop };
}

async function untilReady(port: number): Promise<void> {
  const deadline = performance.now() + READY_MS;
  while (performance.now() < deadline) {
    const response = await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => undefined);
    if (response?.ok === true) return;
    await sleep(100);
  }
  throw new Error(`prometheus is not ready after ${READY_MS / 1000} s`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
