import { describe, expect, it } from 'vitest';
import { spanBatches, logBatches } from '../fixtures/index.ts';
import type { AnyBatch } from '../../proto/columns/index.ts';
import { RED_RING_SECONDS } from '../../proto/live/index.ts';
import { noRedSize, RedBoard } from './red-board.ts';
import { RedSeries } from './red-series.ts';

describe('RedSeries', () => {
  it('keeps the seconds of the ring and has no place for others', () => {
    const series = new RedSeries(10);
    for (let second = 100; second < 110; second += 1) expect(series.at(second, 109)).toBeDefined();
    expect(series.at(99, 109)).toBeUndefined();
    expect(series.at(115, 109)).toBeUndefined();
    expect(series.at(Number.NaN, 109)).toBeUndefined();
    series.takeChanges(1);
    expect(series.shownAfter(0, 109).map(({ second }) => second)).toEqual([
      100, 101, 102, 103, 104, 105, 106, 107, 108, 109,
    ]);
    expect(series.shownAfter(0, 112).map(({ second }) => second)).toEqual([
      103, 104, 105, 106, 107, 108, 109,
    ]);
  });

  it('tells once of each change, and again when the second changes again', () => {
    const series = new RedSeries(10);
    const slot = series.at(100, 100);
    if (slot) slot.requests += 1;
    expect(series.takeChanges(1)).toHaveLength(1);
    expect(series.takeChanges(2)).toHaveLength(0);
    series.at(100, 103);
    expect(series.takeChanges(3)).toHaveLength(1);
    expect(series.shownAfter(2, 103)).toHaveLength(1);
    expect(series.shownAfter(3, 103)).toHaveLength(0);
  });

  it('does not let a second ahead of the clock push out one of the ring', () => {
    const series = new RedSeries(10);
    const old = series.at(100, 100);
    if (old) old.requests = 7;
    series.takeChanges(1);
    expect(series.at(110, 106)).toBeDefined();
    expect(series.shownAfter(0, 106).map(({ second }) => second)).toEqual([]);
  });
});

describe('RedSeries that is trimmed', () => {
  it('forgets what is older, takes nothing older, and keeps its tally', () => {
    const tally = { bytes: 0 };
    const series = new RedSeries(10, tally);
    const empty = tally.bytes;
    for (let second = 100; second < 110; second += 1) series.at(second, 109);
    const full = tally.bytes;
    expect(full).toBeGreaterThan(empty);
    series.trim(107);
    expect(tally.bytes - empty).toBeCloseTo((full - empty) * 0.3);
    expect(series.takeChanges(1).map(({ second }) => second)).toEqual([107, 108, 109]);
    expect(series.at(106, 109)).toBeUndefined();
    expect(series.at(110, 110)).toBeDefined();
    series.trim(105);
    expect(series.at(106, 110)).toBeUndefined();
    series.trim(1_000);
    expect(series.isEmpty).toBe(true);
    series.dispose();
    expect(tally.bytes).toBe(0);
  });
});

describe('RedBoard', () => {
  it('forgets operations of which nothing is left', () => {
    const size = noRedSize();
    const board = new RedBoard(size);
    const [batch] = spanBatches([
      { name: 'a', startMs: 100_000 },
      { name: 'b', startMs: 109_000 },
    ]);
    board.add(batch?.batch as AnyBatch, 110);
    const before = { whole: size.whole.bytes, operations: size.operations.bytes };
    board.trim({ whole: 100, operations: 105 });
    expect(size.whole.bytes).toBe(before.whole);
    expect(size.operations.bytes).toBe(before.operations / 2);
    const operations = new Set(board.takeChanges(1).map(({ operation }) => operation));
    expect(operations).toEqual(new Set(['', 'b']));
    board.trim({ whole: 200, operations: 200 });
    expect(size.operations.bytes).toBe(0);
  });

  it('counts server, consumer and root spans by the second in which they end', () => {
    const board = new RedBoard();
    const [batch] = spanBatches([
      { name: 'a', kind: 2, startMs: 99_500, durationMs: 700, parentSpanId: '00000000000000aa' },
      {
        name: 'a',
        kind: 5,
        startMs: 100_000,
        durationMs: 3_000,
        isError: true,
        parentSpanId: '00000000000000aa',
      },
      { name: 'b', kind: 1, startMs: 100_100, durationMs: 10 },
      { name: 'c', kind: 3, startMs: 100_100, durationMs: 10, parentSpanId: '00000000000000aa' },
    ]);
    board.add(batch?.batch as AnyBatch, 104);
    const rows = board.takeChanges(1).map(({ operation, figures }) => ({
      operation,
      second: figures.second,
      requests: figures.requests,
      errors: figures.errors,
      satisfied: figures.satisfied,
      tolerated: figures.tolerated,
      spans: figures.spans,
    }));
    expect(rows).toEqual([
      { operation: '', second: 104, requests: 0, errors: 0, satisfied: 0, tolerated: 0, spans: 4 },
      { operation: '', second: 100, requests: 2, errors: 0, satisfied: 1, tolerated: 1, spans: 0 },
      { operation: '', second: 103, requests: 1, errors: 1, satisfied: 0, tolerated: 0, spans: 0 },
      { operation: 'a', second: 100, requests: 1, errors: 0, satisfied: 0, tolerated: 1, spans: 0 },
      { operation: 'a', second: 103, requests: 1, errors: 1, satisfied: 0, tolerated: 0, spans: 0 },
      { operation: 'b', second: 100, requests: 1, errors: 0, satisfied: 1, tolerated: 0, spans: 0 },
    ]);
  });

  it('finds the second of each request, whichever the one before was of, and none for those that left the ring meanwhile', () => {
    const board = new RedBoard();
    const first = 1_000;
    const last = first + RED_RING_SECONDS;
    const seconds = [first, first + 1, first, first, first + 1, last, first, last, first + 1];
    const [batch] = spanBatches(
      seconds.map((second, at) => ({ name: at % 2 === 0 ? 'even' : 'odd', startMs: second * 1_000 })),
    );
    board.add(batch?.batch as AnyBatch, last - 1);
    const rows = board
      .takeChanges(1)
      .filter(({ figures }) => figures.requests > 0)
      .map(({ operation, figures: { second, requests, durations } }) => [
        ...[operation, second - first, requests, durations.total],
      ]);
    // What comes at `last` pushes out what was counted for `first`; of 'even' nothing comes so late.
    expect(rows.sort()).toEqual([
      ['', 1, 3, 3],
      ['', RED_RING_SECONDS, 2, 2],
      ['even', 0, 3, 3],
      ['even', 1, 2, 2],
      ['odd', 1, 1, 1],
      ['odd', RED_RING_SECONDS, 2, 2],
    ]);
  });

  it('counts log records by arrival', () => {
    const board = new RedBoard();
    board.add(logBatches([{}, {}])[0]?.batch as AnyBatch, 50);
    expect(board.takeChanges(1)).toMatchObject([
      { operation: '', figures: { second: 50, logs: 2, requests: 0 } },
    ]);
  });

  it('bounds the operations it tells apart', () => {
    const board = new RedBoard();
    const spans = Array.from({ length: 400 }, (_, i) => ({ name: `GET /user/${i}`, startMs: 100_000 }));
    board.add(spanBatches(spans)[0]?.batch as AnyBatch, 101);
    const rows = board.takeChanges(1).filter(({ operation }) => operation !== '');
    expect(rows).toHaveLength(201);
    expect(rows.at(-1)).toMatchObject({ operation: '(other operations)', figures: { requests: 200 } });
  });
});
