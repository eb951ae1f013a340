import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { QueryLimitError } from '../ports/index.ts';
import { startQueryRun } from './query-run.ts';

const LIMITS = { deadlineMs: 60_000, maxRowsRead: 100, maxBytesRead: 1_000 };

describe('a run', () => {
  it('counts both tiers together, and stops all of a question that reads too much', () => {
    const run = startQueryRun({ visible: 'all', limits: LIMITS });
    run.countRead('hot', 60, 10);
    run.countRead('cold', 40, 20);
    expect(run.stats().tiers).toEqual({ hot: { rows: 60, bytes: 10 }, cold: { rows: 40, bytes: 20 } });
    expect(run.signal.aborted).toBe(false);
    expect(() => {
      run.countRead('hot', 1, 0);
    }).toThrow(/more than 100 rows/);
    expect(run.signal.reason).toBeInstanceOf(QueryLimitError);
    run.end();
  });

  it('bounds bytes as well', () => {
    const run = startQueryRun({ visible: 'all', limits: LIMITS });
    expect(() => {
      run.countRead('cold', 1, 1_001);
    }).toThrow(/more than 1000 bytes/);
    run.end();
  });

  it('is aborted at its deadline, unless it has ended', async () => {
    const late = startQueryRun({ visible: 'all', limits: { ...LIMITS, deadlineMs: 10 } });
    const done = startQueryRun({ visible: 'all', limits: { ...LIMITS, deadlineMs: 10 } });
    done.end();
    await sleep(50);
    expect(late.signal.reason).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(done.signal.aborted).toBe(false);
    late.end();
  });

  it('is aborted when the asker goes away, before or after', () => {
    const asker = new AbortController();
    const run = startQueryRun({ visible: 'all', limits: LIMITS, signal: asker.signal });
    const ended = startQueryRun({ visible: 'all', limits: LIMITS, signal: asker.signal });
    ended.end();
    asker.abort(new Error('gone'));
    expect(run.signal.reason).toEqual(new Error('gone'));
    expect(ended.signal.aborted).toBe(false);
    expect(startQueryRun({ visible: 'all', limits: LIMITS, signal: asker.signal }).signal.aborted).toBe(true);
  });

  it('adds up the time of a stage, also of one that fails', async () => {
    const run = startQueryRun({ visible: 'all', limits: LIMITS });
    await run.timed('cold', () => sleep(20));
    await run.timed('cold', () => Promise.reject(new Error('x'))).catch(() => undefined);
    await run.timed('hot', () => Promise.resolve());
    const { stages } = run.stats();
    expect([...stages.keys()]).toEqual(['cold', 'hot']);
    expect(stages.get('cold')).toBeGreaterThan(15);
    run.end();
  });
});
