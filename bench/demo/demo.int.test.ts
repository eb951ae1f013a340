import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ANY_PORTS, leftProcessesOf, processesOf } from '../../runtime/end-to-end/index.ts';

const RUN = fileURLToPath(new URL('./run.mjs', import.meta.url));

let dataDir: string;
let demo: ChildProcess | undefined;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ophion-demo-'));
});
afterEach(async () => {
  demo?.kill('SIGKILL');
  for (const left of await leftProcessesOf(dataDir)) process.kill(left, 'SIGKILL');
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** All that it and the platform wrote. */
  readonly said: () => string;
}

function startDemo(settings: Readonly<Record<string, string>> = {}): Started {
  const child = spawn(process.execPath, [RUN], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...ANY_PORTS,
      OPHION_LOG_LEVEL: 'error',
      OPHION_DATA_DIR: dataDir,
      ...settings,
    },
  });
  demo = child;
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }));
  return { child, ended, said: () => text };
}

/** From the terminal, and again by npm, which passes on what its child has got already. */
async function interrupt(child: ChildProcess): Promise<void> {
  child.kill('SIGINT');
  await sleep(5);
  child.kill('SIGINT');
}

describe('the demo', () => {
  it('ends with its platform when it is interrupted', async () => {
    const { child, ended, said } = startDemo();
    await expect.poll(said, { timeout: 30_000 }).toContain('The shop is open');
    await interrupt(child);
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(await leftProcessesOf(dataDir)).toEqual([]);
  });

  it('leaves no platform behind when it is interrupted before that is ready, or killed', async () => {
    const early = startDemo();
    await expect.poll(() => processesOf(dataDir, 'start.mjs'), { timeout: 30_000 }).toHaveLength(1);
    await interrupt(early.child);
    expect(await early.ended).toEqual({ code: 0, signal: null });
    expect(await leftProcessesOf(dataDir)).toEqual([]);

    const killed = startDemo();
    await expect.poll(killed.said, { timeout: 30_000 }).toContain('The shop is open');
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(await leftProcessesOf(dataDir)).toEqual([]);
  });

  it('says why the platform cannot start, and nothing else', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { ended, said } = startDemo({ OPHION_API_PORT: String(port) });
    expect((await ended).code).toBe(1);
    server.close();
    expect(said()).toMatch(/^ophion cannot start: port \d+ on 127\.0\.0\.1 is in use[^\n]+\n$/);
  });
});
