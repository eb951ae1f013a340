import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DirectoryInUseError } from '../../../directory-lock/index.ts';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from './embedded-clickhouse.ts';

let home: string;
let engine: EmbeddedClickHouse;
const exits: string[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ophion-engine-'));
  process.env['OPHION_SECRET_KEY'] = 'not for the engine';
  engine = await startEmbeddedClickHouse({ dataDir: home, onExit: (reason) => exits.push(reason) });
  await ask('CREATE TABLE numbers (a UInt64) ENGINE = MergeTree ORDER BY a');
});
afterAll(async () => {
  delete process.env['OPHION_SECRET_KEY'];
  await engine.stop();
  await rm(home, { recursive: true, force: true });
});

it('is given no setting of ours, which may be secret', async () => {
  const given = await readFile(`/proc/${engine.pid ?? 0}/environ`, 'latin1');
  expect(given).toContain('UV_THREADPOOL_SIZE=');
  expect(given).not.toMatch(/OPHION_(?!DATA_DIR=)/);
});

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: IncomingMessage['headers'];
}

function open(url: Record<string, string>, method = 'POST', path = '/') {
  return request({
    agent: engine.clientOptions.http_agent,
    method,
    path: `${path}?${new URLSearchParams(url).toString()}`,
  });
}

async function ask(body: string | Uint8Array, url: Record<string, string> = {}): Promise<Answer> {
  const asked = open(url);
  asked.end(body);
  return answerOf(asked);
}

async function answerOf(asked: ReturnType<typeof request>): Promise<Answer> {
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode ?? 0,
    text: Buffer.concat(chunks).toString(),
    headers: response.headers,
  };
}

/** One block of Native with one column `a` of these numbers. */
function nativeOf(...values: bigint[]): Buffer {
  const head = Buffer.concat([
    Buffer.of(1, values.length, 1),
    Buffer.from('a'),
    Buffer.of(6),
    Buffer.from('UInt64'),
  ]);
  return Buffer.concat([head, Buffer.from(BigUint64Array.from(values).buffer)]);
}

const count = async (): Promise<number> => Number((await ask('SELECT count() FROM numbers')).text);

async function untilAnswered(): Promise<void> {
  for (;;) {
    const asked = open({}, 'GET', '/ping').end();
    const isUp = await answerOf(asked).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await sleep(50);
  }
}

/** A process that nobody collects stays in the table for a while. */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  return !status.includes(') Z');
}

describe('the HTTP interface', () => {
  it('answers a ping, and no other path than its own', async () => {
    expect(await answerOf(open({}, 'GET', '/ping').end())).toMatchObject({ status: 200, text: 'Ok.\n' });
    expect(await answerOf(open({}, 'GET', '/play').end())).toMatchObject({ status: 404 });
  });

  it('runs a query from the body, the URL, or both', async () => {
    expect(await ask('SELECT 1')).toMatchObject({ status: 200, text: '1\n' });
    expect(await ask('', { query: 'SELECT 2' })).toMatchObject({ text: '2\n' });
    expect(await ask('3', { query: 'SELECT' })).toMatchObject({ text: '3\n' });
    expect(await ask('SELECT 4 AS a', { default_format: 'JSONEachRow' })).toMatchObject({
      text: '{"a":4}\n',
    });
    expect(await ask('SELECT 5 AS a FORMAT CSV')).toMatchObject({ text: '5\n' });
    const { headers } = await ask('SELECT * FROM numbers', { query_id: 'mine' });
    expect(headers['x-clickhouse-query-id']).toBe('mine');
    expect(JSON.parse(String(headers['x-clickhouse-summary']))).toMatchObject({ read_rows: '0' });
  });

  it('binds parameters, whatever they hold', async () => {
    const text = `it's \\ a "test" -- ;`;
    const { text: answer } = await ask(
      'SELECT {text:String} AS t, {list:Array(String)} AS l, {n:UInt64} AS n',
      {
        param_text: text.replaceAll('\\', '\\\\'),
        param_list: "['a\\'b','c']",
        param_n: '18446744073709551615',
        default_format: 'JSONEachRow',
        output_format_json_quote_64bit_integers: '1',
      },
    );
    expect(JSON.parse(answer)).toEqual({ t: text, l: ["a'b", 'c'], n: '18446744073709551615' });
    expect(await ask('SELECT {text:String}')).toMatchObject({ status: 400 });
  });

  it('applies settings to one query only', async () => {
    const setting = "SELECT value FROM system.settings WHERE name = 'max_block_size'";
    expect((await ask(setting, { max_block_size: '777' })).text).toBe('777\n');
    expect((await ask(setting)).text).not.toBe('777\n');
  });

  it.each([
    ['a syntax error', 'SELEC 1', {}, 400, '62'],
    ['an unknown table', 'SELECT * FROM nowhere', {}, 404, '60'],
    ['an unknown setting', 'SELECT 1', { no_such_setting: '1' }, 404, '115'],
    ['a setting that is no name', 'SELECT 1', { 'max_threads = 1; --': '1' }, 404, '115'],
    ['no query', '', {}, 400, '62'],
    ['an unknown database', 'SELECT 1', { database: 'no`where' }, 404, '81'],
    [
      'too much memory',
      'SELECT groupArray(number) FROM numbers(10000000)',
      { max_memory_usage: '1000000' },
      500,
      '241',
    ],
  ])('answers %s as ClickHouse does', async (_, query, url, status, code) => {
    const answer = await ask(query, url);
    expect(answer).toMatchObject({ status, headers: { 'x-clickhouse-exception-code': code } });
    expect(answer.text).toMatch(new RegExp(`^Code: ${code}\\. DB::Exception: .+ \\([A-Z_]+\\)`, 's'));
  });

  it('ends a query at its deadline', async () => {
    const started = performance.now();
    const answer = await ask('SELECT sum(sipHash64(number)) FROM system.numbers', {
      max_execution_time: '1',
    });
    expect(answer).toMatchObject({ status: 408, headers: { 'x-clickhouse-exception-code': '159' } });
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('serves others while a query runs', async () => {
    const slow = ask('SELECT sum(sipHash64(number)) FROM system.numbers', { max_execution_time: '2' });
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, n) => ask('SELECT {n:UInt8}', { param_n: String(n) })),
    );
    expect(answers.map(({ text }) => Number(text))).toEqual(Array.from({ length: 30 }, (_, n) => n));
    expect((await slow).status).toBe(408);
  });

  it('inserts a Native body, once for a token', async () => {
    await ask(
      'CREATE TABLE once (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 10',
    );
    const insert = (token: string) =>
      ask(nativeOf(1n, 2n, 2n ** 64n - 1n), {
        query: 'INSERT INTO once (a) FORMAT Native',
        insert_deduplication_token: token,
      });
    expect(await insert('x')).toMatchObject({ status: 200 });
    expect(await insert('x')).toMatchObject({ status: 200 });
    expect(await insert('y')).toMatchObject({ status: 200 });
    expect((await ask('SELECT count(), max(a) FROM once')).text).toBe('6\t18446744073709551615\n');
  });

  it('inserts nothing of a body that breaks off or is no Native', async () => {
    const before = await count();
    const asked = open({ query: 'INSERT INTO numbers (a) FORMAT Native' });
    asked.on('error', () => undefined);
    asked.write(nativeOf(1n, 2n, 3n));
    await sleep(100);
    asked.destroy();
    const cut = await ask(nativeOf(1n, 2n).subarray(0, -3), {
      query: 'INSERT INTO numbers (a) FORMAT Native',
    });
    expect(cut.status).toBe(500);
    await sleep(200);
    expect(await count()).toBe(before);
    expect(await readdir(join(home, 'spool'))).toEqual([]);
  });
});

describe('a question whose asker goes away', () => {
  const HEAVY = 'SELECT sum(sipHash64(number)) FROM numbers(1000000000000)';
  const running = async (): Promise<number> =>
    Number(
      (
        await ask(
          "SELECT count() FROM system.processes WHERE query LIKE '%1000000000000%' AND query NOT LIKE '%processes%'",
        )
      ).text,
    );

  it('ends in the engine, when it says so', async () => {
    const asked = open({ cancel_http_readonly_queries_on_client_close: '1', max_execution_time: '50' });
    asked.on('error', () => undefined);
    asked.end(HEAVY);
    await expect.poll(running, { timeout: 5_000 }).toBe(1);
    asked.destroy();
    await expect.poll(running, { timeout: 5_000 }).toBe(0);
  });

  it('ends also while it waits for its turn, and leaves the turn to others', async () => {
    const url = { cancel_http_readonly_queries_on_client_close: '1', max_execution_time: '50' };
    const many = Array.from({ length: 20 }, () => {
      const asked = open({ ...url, max_threads: '1' });
      asked.on('error', () => undefined);
      asked.end(HEAVY);
      return asked;
    });
    await sleep(500);
    for (const asked of many) asked.destroy();
    await expect.poll(running, { timeout: 10_000 }).toBe(0);
    expect((await ask('SELECT 1')).text).toBe('1\n');
  });
});

describe('the process', () => {
  it('listens on a socket that only its owner may use', async () => {
    expect((await stat(join(home, 'engine.sock'))).mode & 0o777).toBe(0o600);
  });

  it('refuses a directory that is in use, naming it and the setting', async () => {
    const refusal = await startEmbeddedClickHouse({ dataDir: home }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DirectoryInUseError);
    expect((refusal as Error).message).toContain(home);
    expect((refusal as Error).message).toContain('OPHION_DATA_DIR');
  });

  it('takes a directory whose path is too long for a socket', async () => {
    const deep = join(home, 'x'.repeat(120));
    await mkdir(deep);
    const other = await startEmbeddedClickHouse({ dataDir: deep });
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ agent: other.clientOptions.http_agent, path: '/ping' }, resolve).on('error', reject).end();
    });
    expect(response.statusCode).toBe(200);
    response.resume();
    await other.stop();
  });

  it('is started again when it dies, with all that was inserted', async () => {
    const before = await count();
    await ask(nativeOf(5n), { query: 'INSERT INTO numbers (a) FORMAT Native' });
    const { pid } = engine;
    process.kill(pid ?? 0, 'SIGKILL');
    await expect(ask('SELECT 1')).rejects.toThrow();
    await untilAnswered();
    expect(engine.pid).not.toBe(pid);
    expect(await count()).toBe(before + 1);
    expect(exits).toEqual(['ended with SIGKILL']);
  });

  it('is started again when a cancelled query does not end', async () => {
    const reasons: string[] = [];
    const other = await startEmbeddedClickHouse({
      dataDir: join(home, 'stuck'),
      mostCancellingMs: 500,
      onExit: (reason) => reasons.push(reason),
    });
    const { pid } = other;
    const asked = request({
      agent: other.clientOptions.http_agent,
      path: `/?${String(new URLSearchParams({ cancel_http_readonly_queries_on_client_close: '1' }))}`,
      method: 'POST',
    });
    asked.on('error', () => undefined);
    // Computed as one constant, between two looks at whether it is killed: minutes.
    asked.end('SELECT arrayLevenshteinDistance(range(400000), reverse(range(400000)))');
    await sleep(500);
    asked.destroy();
    await expect.poll(() => reasons, { timeout: 10_000 }).toEqual([expect.stringContaining('did not end')]);
    await expect.poll(() => other.pid ?? pid, { timeout: 10_000 }).not.toBe(pid);
    await other.stop();
  });

  it('ends with its parent, and gives its directory free', async () => {
    const dataDir = join(home, 'orphan');
    const entry = new URL('./embedded-clickhouse.ts', import.meta.url).href;
    const script = `
      const { startEmbeddedClickHouse } = await import(${JSON.stringify(entry)});
      const engine = await startEmbeddedClickHouse({ dataDir: ${JSON.stringify(dataDir)} });
      console.log(engine.pid);
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [output] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(output.toString());
    expect(await isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    const next = await startEmbeddedClickHouse({ dataDir });
    await expect.poll(() => isAlive(pid)).toBe(false);
    await next.stop();
    expect(await readdir(dataDir)).not.toContain('lock');
  });

  it('says what is wrong when it cannot start', async () => {
    await expect(startEmbeddedClickHouse({ dataDir: '/dev/null/nowhere' })).rejects.toThrow(
      '/dev/null/nowhere',
    );
  });
});
