import { afterEach, describe, expect, it, vi } from 'vitest';
import { createDecoder, jsonToWire } from '../decode/index.ts';
import { TASKS } from './fixtures/hostile-tasks.ts';
import { InlineRunner, ThreadPool, type ScanPart } from './index.ts';

type Options = Partial<ConstructorParameters<typeof ThreadPool<typeof TASKS>>[0]>;
const opened: ThreadPool<typeof TASKS>[] = [];

function open(options: Options = {}): ThreadPool<typeof TASKS> {
  const threadUrl = new URL('fixtures/hostile-tasks.ts', import.meta.url).href;
  const pool = new ThreadPool({ tasks: TASKS, threadUrl, threads: 2, inlineRows: 0, ...options });
  opened.push(pool);
  return pool;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((pool) => pool.close()));
});

const decoder = createDecoder();
let spanNumber = 0;

/** One batch a service, of two spans of `durationNs`. */
function parts(segment: number, services: readonly string[], durationNs: number): ScanPart[] {
  const resourceSpans = services.map((name) => ({
    resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] },
    scopeSpans: [{ spans: [span(durationNs), span(durationNs)] }],
  }));
  const wire = jsonToWire('traces', Buffer.from(JSON.stringify({ resourceSpans })));
  const decoded = 'undecodable' in wire ? wire : decoder.decode('traces', wire);
  if ('undecodable' in decoded) throw new Error(decoded.reason);
  return decoded.batches.map(({ service, batch }) => ({ segment, service, batch }));
}

function span(durationNs: number): object {
  spanNumber += 1;
  return {
    traceId: spanNumber.toString(16).padStart(32, '0'),
    spanId: spanNumber.toString(16).padStart(16, '0'),
    name: `operation ${spanNumber}`,
    startTimeUnixNano: '1000',
    endTimeUnixNano: String(1000 + durationNs),
    attributes: [{ key: 'number', value: { intValue: spanNumber } }],
  };
}

function total(answers: readonly ReturnType<typeof TASKS.sumDurations>[]): { sum: bigint; found: number } {
  const sums = answers.flatMap(({ sums: byService }) => Object.values(byService));
  return {
    sum: sums.reduce((sum, each) => sum + each, 0n),
    found: answers.reduce((sum, { found }) => sum + found, 0),
  };
}

describe('ThreadPool', () => {
  it('has all scans with one affinity done by one thread, never by the caller', async () => {
    const pool = open({ inlineRows: 1_000 });
    for (const expected of [1, 2, 3]) {
      const answers = await pool.scan('countCalls', parts(1, ['a', 'b', 'c'], 1), null, { affinity: 'kept' });
      expect(answers).toEqual([expected]);
    }
    expect(await pool.scan('countCalls', [], null, { affinity: 'kept' })).toEqual([]);
    expect(TASKS.countCalls()).toBe(1);
  });

  it('has all that names a lane done by one thread, and little of it by the caller', async () => {
    const pool = open({ inlineRows: 5 });
    const window = parts(1, ['a', 'b', 'c'], 1);
    for (const expected of [1, 2]) {
      expect(await pool.scan('countCalls', window, null, { lane: 'one' })).toEqual([expected]);
    }
    expect(await pool.run('countCalls', null, { lane: 'one' })).toBe(3);
    expect(pool.threads).toBe(1);
    const before = TASKS.countCalls();
    expect(await pool.scan('countCalls', parts(1, ['a'], 1), null, { lane: 'one' })).toEqual([before + 1]);
  });

  it('starts no thread before there is work, and ends it when idle', async () => {
    const pool = open({ idleMs: 50 });
    expect(pool.threads).toBe(0);
    expect(await pool.run('double', 21)).toBe(42);
    expect(pool.threads).toBe(1);
    await vi.waitFor(() => {
      expect(pool.threads).toBe(0);
    });
    expect(await pool.run('double', 4)).toBe(8);
  });

  it('reads the windows as the caller would, with what came since and without what was evicted', async () => {
    const pool = open();
    const inline = new InlineRunner(TASKS);
    const window: ScanPart[] = [];
    for (const segment of [1, 2, 3, 4]) {
      window.push(...parts(segment, ['cart', 'pay', 'ship'], 10 ** segment));
      const answers = await pool.scan('sumDurations', window, null);
      expect(total(answers)).toEqual(total(await inline.scan('sumDurations', window, null)));
    }
    pool.evict(new Set([1, 2]));
    const left = window.filter(({ segment }) => segment > 2);
    expect(total(await pool.scan('sumDurations', left, null))).toEqual({ sum: 66_000n, found: 6 });
    // A snapshot from before the eviction still counts, and again.
    expect(total(await pool.scan('sumDurations', window, null))).toEqual({ sum: 66_660n, found: 12 });
    expect(total(await pool.scan('sumDurations', window, null))).toEqual({ sum: 66_660n, found: 12 });
    expect(await pool.scan('sumDurations', [], null)).toEqual([]);
  });

  it('reads on when batches of a segment were replaced, old ones and new ones', async () => {
    const pool = open();
    const small = [...parts(1, ['cart', 'pay'], 5), ...parts(1, ['cart', 'pay'], 7)];
    expect(total(await pool.scan('sumDurations', small, null))).toEqual({ sum: 48n, found: 4 });
    const running = pool.scan('sumDurations', small, null);
    pool.release(new Set([1]));
    expect(total(await running)).toEqual({ sum: 48n, found: 4 });
    const large = parts(1, ['cart', 'pay'], 12);
    for (let time = 0; time < 2; time += 1) {
      expect(total(await pool.scan('sumDurations', large, null))).toEqual({ sum: 48n, found: 2 });
      expect(total(await pool.scan('sumDurations', small, null))).toEqual({ sum: 48n, found: 4 });
    }
    expect(pool.counters).toMatchObject({ failed: 0, threadsLost: 0 });
  });

  it('tells a new thread everything again', async () => {
    const pool = open({ idleMs: 50, threads: 1 });
    const window = parts(1, ['cart', 'pay'], 5);
    expect(total(await pool.scan('sumDurations', window, null))).toEqual({ sum: 20n, found: 2 });
    await vi.waitFor(() => {
      expect(pool.threads).toBe(0);
    });
    expect(total(await pool.scan('sumDurations', window, null))).toEqual({ sum: 20n, found: 2 });
  });

  it('reports what a task throws, and goes on', async () => {
    const pool = open();
    await expect(pool.run('throw', 'no such thing')).rejects.toMatchObject({
      code: 'INTERNAL',
      message: 'the task throw failed: no such thing',
    });
    expect(await pool.run('double', 1)).toBe(2);
    expect(pool.counters).toMatchObject({ completed: 1, failed: 1, threadsLost: 0 });
  });

  it('stops a task whose caller has gone, and keeps its thread', async () => {
    const pool = open({ threads: 1 });
    await pool.run('double', 1);
    const gone = new AbortController();
    const answer = pool.run('stopWhenAsked', null, { signal: gone.signal });
    setTimeout(() => {
      gone.abort(new Error('the client has gone'));
    }, 20);
    await expect(answer).rejects.toThrow('the client has gone');
    expect(await pool.run('double', 2)).toBe(4);
    expect(pool.counters).toMatchObject({ completed: 2, cancelled: 1, threadsLost: 0 });
    expect(pool.tasks.get('stopWhenAsked')).toMatchObject({ completed: 0, cancelled: 1 });
    expect(pool.tasks.get('stopWhenAsked')?.ranMs).toBeGreaterThan(0);
  });

  it('ends the thread of a task that hangs, and the next one has another', async () => {
    const pool = open({ threads: 1, graceMs: 50 });
    const window = parts(1, ['cart'], 7);
    await pool.scan('sumDurations', window, null);
    const hanging = pool.run('hang', undefined, { deadlineMs: 100 });
    const waiting = pool.scan('sumDurations', window, null);
    await vi.waitFor(
      () => {
        expect([pool.running, pool.waiting]).toEqual([1, 1]);
      },
      { interval: 2 },
    );
    await expect(hanging).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(total(await waiting)).toEqual({ sum: 14n, found: 1 });
    expect(pool.counters).toMatchObject({ completed: 2, cancelled: 1, threadsLost: 1 });
  });

  it('survives a thread that runs out of memory', async () => {
    const pool = open({ threads: 1, maxHeapMb: 32 });
    await expect(pool.run('exhaust', undefined as never)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await pool.run('double', 2)).toBe(4);
    expect(pool.counters).toMatchObject({ completed: 1, failed: 1, threadsLost: 1 });
  });

  it('refuses what would wait too long', async () => {
    const pool = open({ threads: 1, maxWaiting: 1, graceMs: 50 });
    const answers = await Promise.allSettled([1, 2, 3].map((input) => pool.run('double', input)));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(answers[2]).toMatchObject({ reason: { code: 'OVERLOADED' } });
    expect(pool.counters).toMatchObject({ completed: 2, refused: 1 });
  });

  it('answers nobody after it was closed', async () => {
    const pool = open();
    const answer = pool.run('stopWhenAsked', null);
    await pool.close();
    await expect(answer).rejects.toMatchObject({ code: 'NOT_READY' });
    await expect(pool.run('double', 1)).rejects.toMatchObject({ code: 'NOT_READY' });
  });
});
