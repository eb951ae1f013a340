import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StatusJson } from '../../proto/api/index.ts';
import { ANY_PORTS } from './any-ports.ts';
import { runCrashTrial } from './crash-trial.ts';
import {
  failToStart,
  killPlatformProcesses,
  leftProcessesOf,
  processesOf,
  startPlatformProcess,
  type Ended,
  type PlatformProcess,
} from './platform-process.ts';
import { SpanLedger, type Audit } from './span-ledger.ts';
import { fetchApi, KNOWN_ADMIN } from './signed-in.ts';

/** Both tiers take part in every answer. */
const QUICK_ARCHIVE = { OPHION_ARCHIVE_MAX_AGE_SECONDS: '1' };

/** A user who owns nothing here. */
const NOBODY = 65_534;

let folder: string;
let dataDir: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ophion-bad-days-'));
  dataDir = join(folder, 'data');
});
afterEach(async () => {
  killPlatformProcesses();
  await leftProcessesOf(dataDir);
  await rm(folder, { recursive: true, force: true });
});

async function occupyPort(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, server };
}

async function closedPort(): Promise<number> {
  const { port, server } = await occupyPort();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** All that it said: one line, no stack; it ended with an error and left nobody behind. */
async function lastWord({ code, stderr }: Ended): Promise<string> {
  expect(stderr).toMatch(/^ophion cannot start: [^\n]+\n$/);
  expect(stderr).not.toMatch(/\s{2}at |node:internal|undefined/);
  expect(code).toBe(1);
  expect(await leftProcessesOf(dataDir)).toEqual([]);
  return stderr;
}

describe('a start that cannot be', () => {
  it.each(['OPHION_DASHBOARD_PORT', 'OPHION_API_PORT', 'OPHION_OTLP_GRPC_PORT', 'OPHION_OTLP_HTTP_PORT'])(
    'names a port in use and %s',
    async (setting) => {
      const { port, server } = await occupyPort();
      const line = await lastWord(await failToStart(dataDir, { [setting]: String(port) }));
      expect(line).toContain(`port ${port} on 127.0.0.1 is in use`);
      expect(line).toContain(setting);
      server.close();
    },
  );

  it('names a data directory that another process uses, which goes on undisturbed', async () => {
    const first = await startPlatformProcess(dataDir);
    const { code, stderr } = await failToStart(dataDir);
    expect(stderr).toMatch(/^ophion cannot start: [^\n]+\n$/);
    expect(stderr).toContain(`${dataDir} is in use by process`);
    expect(stderr).toContain('OPHION_DATA_DIR');
    expect(code).toBe(1);
    expect((await fetch(`http://127.0.0.1:${first.ports.api}/readyz`)).status).toBe(200);
    first.kill('SIGTERM');
    expect((await first.ended).code).toBe(0);
    expect(await leftProcessesOf(dataDir)).toEqual([]);
  });

  it('names a data directory that cannot be made', async () => {
    await writeFile(dataDir, 'a file');
    for (const directory of [dataDir, join(dataDir, 'below')]) {
      const line = await lastWord(await failToStart(directory));
      expect(line).toContain(`${directory} cannot be used`);
      expect(line).toContain('OPHION_DATA_DIR');
    }
  });

  it('names a data directory that cannot be written', async () => {
    await mkdir(dataDir, { mode: 0o500 });
    // Root may write everywhere.
    const options = process.getuid?.() === 0 ? { userId: NOBODY } : {};
    await chmod(folder, 0o755);
    await chmod(dataDir, 0o555);
    const line = await lastWord(await failToStart(dataDir, {}, options));
    expect(line).toContain(`${dataDir} cannot be used: EACCES`);
    expect(line).toContain('OPHION_DATA_DIR');
  });

  it.each(['journal', 'clickhouse', 'postgres'])(
    'names a data directory whose %s folder cannot be used',
    async (name) => {
      await mkdir(dataDir);
      await writeFile(join(dataDir, name), 'a file where a folder is expected');
      const line = await lastWord(await failToStart(dataDir));
      expect(line).toContain(join(dataDir, name));
      expect(line).toContain('OPHION_DATA_DIR');
    },
  );

  it('names a wrong setting, its value and what was expected', async () => {
    const wrongValue = await failToStart(dataDir, { OPHION_WINDOW_MAX_BYTES: 'plenty' });
    expect(await lastWord(wrongValue)).toContain(
      'OPHION_WINDOW_MAX_BYTES is "plenty": expected a size such as 512MiB',
    );
    const file = join(folder, 'ophion.yaml');
    await writeFile(file, 'apiPort: [1\nhost: }\n');
    expect(await lastWord(await failToStart(dataDir, { OPHION_CONFIG: file }))).toContain(
      `${file} is not YAML`,
    );
    await expect(stat(dataDir)).rejects.toThrow('ENOENT');
  });

  it('takes no options, and says where settings stand', async () => {
    const line = await lastWord(await failToStart(dataDir, {}, { args: ['--port', '4000'] }));
    expect(line).toContain('--port is no option: settings are environment variables or stand in ophion.yaml');
    await expect(stat(dataDir)).rejects.toThrow('ENOENT');
  });

  it('names an unreachable ClickHouse and its setting, never the password', async () => {
    const port = await closedPort();
    const line = await lastWord(
      await failToStart(dataDir, {
        OPHION_CLICKHOUSE_URL: `http://ophion:hunter2@127.0.0.1:${port}`,
        OPHION_STORAGE_WAIT_SECONDS: '1',
      }),
    );
    expect(line).toContain(`ClickHouse at http://127.0.0.1:${port}`);
    expect(line).toContain('OPHION_CLICKHOUSE_URL');
    expect(line).not.toContain('hunter2');
  });

  it('names an unreachable Postgres and its setting, never the password', async () => {
    const port = await closedPort();
    const line = await lastWord(
      await failToStart(dataDir, {
        OPHION_POSTGRES_URL: `postgres://ophion:hunter2@127.0.0.1:${port}/ophion`,
        OPHION_STORAGE_WAIT_SECONDS: '1',
      }),
    );
    expect(line).toContain(`127.0.0.1:${port}/ophion`);
    expect(line).toContain('OPHION_POSTGRES_URL');
    expect(line).not.toContain('hunter2');
  });
});

/** Everything acknowledged is there, everything once, by trace and in the overview. */
function expectComplete(audit: Audit, ledger: SpanLedger): void {
  expect(audit).toMatchObject({ missing: 0, doubled: 0, strange: 0, counted: audit.found });
  expect(audit.found).toBeGreaterThanOrEqual(ledger.acknowledgedSpans);
}

async function statusOf({ ports }: PlatformProcess): Promise<StatusJson> {
  const response = await fetchApi(ports.api, '/api/v1/status');
  return (await response.json()) as StatusJson;
}

/** Sends for a while, ends the process meanwhile, and stops sending. */
async function endUnderLoad(
  platform: PlatformProcess,
  ledger: SpanLedger,
  afterMs: number,
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<Ended> {
  const stop = new AbortController();
  const sending = ledger.sendTo(platform.ports.otlpHttp, stop.signal);
  await sleep(afterMs);
  platform.kill(signal);
  const ended = await platform.ended;
  stop.abort();
  await sending;
  return ended;
}

describe('a platform that is to end', () => {
  it('drains at an interrupt that npm passes on as well, and ends at once at a later one', async () => {
    const first = await startPlatformProcess(dataDir, { OPHION_LOG_LEVEL: 'info' });
    first.kill('SIGINT');
    await sleep(5);
    first.kill('SIGINT');
    const { code, signal, stderr } = await first.ended;
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(stderr).toContain('"msg":"stopped"');

    const second = await startPlatformProcess(dataDir);
    // It would wait for this one to close.
    for (const engine of await processesOf(dataDir, 'engine-child')) process.kill(engine, 'SIGSTOP');
    second.kill('SIGINT');
    await sleep(1_200);
    second.kill('SIGINT');
    expect((await second.ended).signal).toBe('SIGKILL');
    for (const engine of await processesOf(dataDir, 'engine-child')) process.kill(engine, 'SIGCONT');
    expect(await leftProcessesOf(dataDir)).toEqual([]);
  });

  it.runIf(existsSync('/dev/full'))('drains though its log can be written no more', async () => {
    const full = await open('/dev/full', 'w');
    const settings = { OPHION_LOG_LEVEL: 'debug' };
    const platform = await startPlatformProcess(dataDir, settings, { stderr: full.fd });
    expect((await fetch(`http://127.0.0.1:${platform.ports.api}/readyz`)).status).toBe(200);
    platform.kill('SIGTERM');
    expect((await platform.ended).code).toBe(0);
    await full.close();
    expect(await leftProcessesOf(dataDir)).toEqual([]);
  });

  it('drains when the npm that started it is ended, whose shell says nothing of it', async () => {
    const npm = spawn('npm', ['start'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...ANY_PORTS, ...KNOWN_ADMIN, OPHION_DATA_DIR: dataDir },
    });
    let said = '';
    for (const stream of [npm.stdout, npm.stderr]) {
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    }
    await expect.poll(() => said, { timeout: 30_000 }).toContain('OPHION is ready');
    npm.kill('SIGTERM');
    expect(await leftProcessesOf(dataDir)).toEqual([]);
    await expect.poll(() => said).toContain('"msg":"stopped"');
  });

  it('drains when whoever started it has ended', async () => {
    const platform = await startPlatformProcess(dataDir, { OPHION_LOG_LEVEL: 'info' });
    platform.leaveAlone();
    const { code, stderr } = await platform.ended;
    expect(code).toBe(0);
    expect(stderr).toContain('"msg":"stopped"');
    expect(await leftProcessesOf(dataDir)).toEqual([]);
  });
});

describe('under load', () => {
  it('SIGTERM loses nothing that was acknowledged', async () => {
    const ledger = new SpanLedger();
    const first = await startPlatformProcess(dataDir, QUICK_ARCHIVE);
    const ended = await endUnderLoad(first, ledger, 2_500, 'SIGTERM');
    expect(ended).toEqual({ code: 0, signal: null, stderr: '' });
    expect(await leftProcessesOf(dataDir)).toEqual([]);
    expect(ledger.acknowledgedSpans).toBeGreaterThan(1_000);

    const second = await startPlatformProcess(dataDir, QUICK_ARCHIVE);
    expectComplete(await ledger.audit(second.ports.api), ledger);
    expect((await statusOf(second)).archivedThrough).toBeGreaterThan(0);
    second.kill('SIGTERM');
    expect((await second.ended).code).toBe(0);
  });

  it('SIGKILL, five times over, loses and doubles nothing', async () => {
    const report = await runCrashTrial({ dataDir, kills: 5 });
    expect(report).toMatchObject({
      kills: 5,
      lost: 0,
      doubled: 0,
      strange: 0,
      counted: report.stored,
      wrong: [],
    });
    expect(report.acknowledged).toBeGreaterThan(20_000);
    // There was something to be recognised.
    expect(report.unanswered).toBeGreaterThan(100);
  }, 240_000);

  it('a killed ClickHouse engine stops nothing and loses nothing', async () => {
    const ledger = new SpanLedger();
    const platform = await startPlatformProcess(dataDir, { ...QUICK_ARCHIVE, OPHION_LOG_LEVEL: 'warn' });
    const stop = new AbortController();
    const sending = ledger.sendTo(platform.ports.otlpHttp, stop.signal);
    const statuses = new Set<number>();
    const asking = (async () => {
      while (!stop.signal.aborted) {
        const response = await fetchApi(platform.ports.api, '/api/v1/services');
        statuses.add(response.status);
        await response.arrayBuffer();
        await sleep(20);
      }
    })();
    for (let round = 0; round < 2; round += 1) {
      await sleep(1_500);
      const [engine] = await processesOf(dataDir, 'engine-child');
      if (engine === undefined) throw new Error('there is no engine to kill');
      process.kill(engine, 'SIGKILL');
    }
    await sleep(2_000);
    stop.abort();
    await Promise.all([sending, asking]);
    expect(ledger.unanswered.size + ledger.refused.size).toBe(0);
    expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);

    await vi.waitFor(
      async () => {
        expect((await fetchApi(platform.ports.api, '/api/v1/services')).status).toBe(200);
        const { archivedThrough, segment } = await statusOf(platform);
        expect(archivedThrough).toBeGreaterThanOrEqual(segment - 1);
      },
      { timeout: 30_000, interval: 200 },
    );
    expectComplete(await ledger.audit(platform.ports.api), ledger);
    platform.kill('SIGTERM');
    const { code, stderr } = await platform.ended;
    expect(code).toBe(0);
    expect(stderr).toContain('the embedded ClickHouse ended and is started again');
    expect(await leftProcessesOf(dataDir)).toEqual([]);
  });
});
