import { describe, expect, it, vi } from 'vitest';
import type { ServiceBatch } from '../../proto/columns/index.ts';
import { spanBatches } from '../fixtures/index.ts';
import { PreparedSegmentGoneError, type ArchiveSegment } from '../ports/index.ts';
import { WindowBudget } from '../services/index.ts';
import { startActorSystem } from '../system/index.ts';
import { spawnArchiveActor } from './archive-actor.ts';

type Stored = ReadonlyMap<number, readonly (readonly ServiceBatch[])[]>;

type Insert = (segment: ArchiveSegment) => Promise<void>;

function setUp(insert: Insert, stored: Stored = new Map(), prepare: Insert = () => Promise.resolve()) {
  const system = startActorSystem(() => undefined);
  const archived: number[] = [];
  const failures: [number, string][] = [];
  const incomplete: object[] = [];
  const read: number[] = [];
  const budget = new WindowBudget({ maxBytes: 1e9, maxAgeMs: 1e9 });
  const { ref, progress } = spawnArchiveActor(system, {
    archive: {
      archivedThrough: () => Promise.resolve(4),
      prepare: async (segment) => {
        await prepare(segment);
        return { insert: () => insert(segment) };
      },
    },
    source: {
      async *read(segment) {
        read.push(segment);
        await Promise.resolve();
        yield* stored.get(segment) ?? [];
      },
      has: (segment) => stored.has(segment),
    },
    memory: budget,
    archivedThrough: 4,
    onArchived: (segment) => archived.push(segment),
    onFailure: ({ segment, error }) => failures.push([segment, (error as Error).message]),
    onIncomplete: (lack) => incomplete.push(lack),
  });
  const collect = (segment: number, batches: readonly ServiceBatch[]): void => {
    system.tell(ref, { type: 'collect', segment, batches });
  };
  const seal = (segment: number, items: number): void => {
    system.tell(ref, { type: 'sealed', segment, items });
  };
  return { system, ref, progress, archived, failures, incomplete, read, budget, collect, seal };
}

describe('the archive actor', () => {
  it('inserts sealed segments whole, in order, one at a time', async () => {
    const inserted: [number, number][] = [];
    let running = 0;
    const { system, progress, archived, collect, seal } = setUp(async (segment) => {
      running += 1;
      expect(running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inserted.push([segment.number, segment.batches.length]);
      running -= 1;
    });
    collect(5, spanBatches([{}]));
    collect(5, spanBatches([{}, { service: 'pay' }]));
    collect(6, spanBatches([{}]));
    await system.idle();
    expect(progress.through).toBe(4);
    seal(5, 3);
    seal(6, 1);
    await vi.waitFor(() => {
      expect(archived).toEqual([5, 6]);
    });
    expect(inserted).toEqual([
      [5, 3],
      [6, 1],
    ]);
    expect(progress).toMatchObject({ through: 6, rereadSegments: 0 });
    system.stop();
  });

  it('tries a failed segment again, and nothing overtakes it', async () => {
    let attempts = 0;
    const { system, progress, archived, failures, collect, seal } = setUp(({ number }) => {
      attempts += 1;
      return number === 5 && attempts < 3 ? Promise.reject(new Error('away')) : Promise.resolve();
    });
    collect(5, spanBatches([{}]));
    collect(6, spanBatches([{}]));
    seal(5, 1);
    seal(6, 1);
    await vi.waitFor(
      () => {
        expect(archived).toEqual([5, 6]);
      },
      { timeout: 5_000 },
    );
    expect(failures).toEqual([
      [5, 'away'],
      [5, 'away'],
    ]);
    expect(progress).toMatchObject({ failures: 2, through: 6 });
    system.stop();
  });

  it('reads again what the windows gave up, in whatever moment they did', async () => {
    const whole = [spanBatches([{}]), spanBatches([{}, {}])];
    const prepared: ArchiveSegment[] = [];
    const held: number[] = [];
    const stored = new Map([
      [5, whole],
      [6, whole],
      [7, whole],
    ]);
    const { system, ref, progress, archived, read, budget, incomplete, collect, seal } = setUp(
      () => Promise.resolve(),
      stored,
      (segment) => {
        prepared.push(segment);
        held.push(budget.usedBytes);
        return Promise.resolve();
      },
    );
    // 5 was given up by half while it was written; 6 never came, as at a start; 7 is there.
    collect(5, whole[0] ?? []);
    system.tell(ref, { type: 'evicted', segments: new Set([5]) });
    collect(5, whole[1] ?? []);
    for (const batches of whole) collect(7, batches);
    for (const segment of [5, 6, 7]) seal(segment, 3);
    await vi.waitFor(() => {
      expect(archived).toEqual([5, 6, 7]);
    });
    expect(prepared.map(({ batches }) => batches)).toEqual([whole.flat(), whole.flat(), whole.flat()]);
    expect(read).toEqual([5, 6]);
    expect(progress.rereadSegments).toBe(2);
    expect(held[0]).toBeGreaterThan(0);
    expect(held[2]).toBe(0);
    expect(budget.usedBytes).toBe(0);
    expect(incomplete).toEqual([]);
    system.stop();
  });

  it('gives memory back and tries again when a segment cannot be read', async () => {
    const one = spanBatches([{}]);
    let reads = 0;
    const stored: Stored = new Map([
      [
        5,
        {
          *[Symbol.iterator]() {
            reads += 1;
            yield one;
            if (reads === 1) throw new Error('the disk is slow');
          },
        } as unknown as readonly (readonly ServiceBatch[])[],
      ],
    ]);
    const { system, archived, failures, budget, seal } = setUp(() => Promise.resolve(), stored);
    seal(5, 1);
    await vi.waitFor(() => {
      expect(archived).toEqual([5]);
    });
    expect(failures).toEqual([[5, 'the disk is slow']]);
    expect(budget.usedBytes).toBe(0);
    system.stop();
  });

  it('archives what is left of a segment that lacks items, and says so', async () => {
    const sizes: number[] = [];
    const { system, archived, incomplete, collect, seal } = setUp(
      ({ batches }) => {
        sizes.push(batches.length);
        return Promise.resolve();
      },
      new Map([[6, [spanBatches([{}])]]]),
    );
    collect(5, spanBatches([{}, {}]));
    seal(5, 3);
    seal(6, 2);
    await vi.waitFor(() => {
      expect(archived).toEqual([5, 6]);
    });
    expect(sizes).toEqual([1, 1]);
    expect(incomplete).toEqual([
      { segment: 5, items: 3, found: 2 },
      { segment: 6, items: 2, found: 1 },
    ]);
    system.stop();
  });

  it('prepares one segment while the one before is inserted, and no more than one ahead', async () => {
    const steps: string[] = [];
    const gates = new Map<number, () => void>();
    const { system, progress, archived, budget, collect, seal } = setUp(
      async ({ number }) => {
        steps.push(`insert ${number}`);
        await new Promise<void>((resolve) => gates.set(number, resolve));
      },
      undefined,
      ({ number }) => {
        steps.push(`prepare ${number}`);
        return Promise.resolve();
      },
    );
    for (const segment of [5, 6, 7, 8]) {
      collect(segment, spanBatches([{}]));
      seal(segment, 1);
    }
    await vi.waitFor(() => {
      expect(steps).toEqual(['prepare 5', 'insert 5', 'prepare 6']);
    });
    await system.idle();
    expect(progress).toMatchObject({ waitingSegments: 4, through: 4 });
    expect(budget.usedBytes).toBe(0);
    gates.get(5)?.();
    await vi.waitFor(() => {
      expect(steps.slice(3)).toEqual(['insert 6', 'prepare 7']);
    });
    expect(progress).toMatchObject({ waitingSegments: 3, through: 5 });
    gates.get(6)?.();
    await vi.waitFor(() => {
      expect(gates.has(7)).toBe(true);
    });
    gates.get(7)?.();
    await vi.waitFor(() => {
      expect(gates.has(8)).toBe(true);
    });
    gates.get(8)?.();
    await vi.waitFor(() => {
      expect(archived).toEqual([5, 6, 7, 8]);
    });
    expect(progress).toMatchObject({ waitingSegments: 0, through: 8 });
    system.stop();
  });

  it('inserts what is prepared again when that failed, without preparing it anew', async () => {
    let attempts = 0;
    const prepared: number[] = [];
    const { system, archived, failures, collect, seal } = setUp(
      ({ number }) => {
        if (number === 5) attempts += 1;
        return number === 5 && attempts < 3 ? Promise.reject(new Error('away')) : Promise.resolve();
      },
      undefined,
      ({ number }) => {
        prepared.push(number);
        return prepared.length === 2 ? Promise.reject(new Error('full')) : Promise.resolve();
      },
    );
    for (const segment of [5, 6]) {
      collect(segment, spanBatches([{}]));
      seal(segment, 1);
    }
    await vi.waitFor(
      () => {
        expect(archived).toEqual([5, 6]);
      },
      { timeout: 5_000 },
    );
    expect(prepared).toEqual([5, 6, 6]);
    expect([...failures].sort()).toEqual([
      [5, 'away'],
      [5, 'away'],
      [6, 'full'],
    ]);
    system.stop();
  });

  it('prepares again what is gone, and nothing overtakes it', async () => {
    const inserted: number[] = [];
    const prepared: number[] = [];
    const { system, archived, failures, collect, seal } = setUp(
      ({ number }) => {
        inserted.push(number);
        return number === 5 && inserted.length === 1
          ? Promise.reject(new PreparedSegmentGoneError(5, '/spool/1.native'))
          : Promise.resolve();
      },
      new Map([[5, [spanBatches([{}])]]]),
      ({ number }) => {
        prepared.push(number);
        return Promise.resolve();
      },
    );
    for (const segment of [5, 6, 7]) {
      collect(segment, spanBatches([{}]));
      seal(segment, 1);
    }
    await vi.waitFor(
      () => {
        expect(archived).toEqual([5, 6, 7]);
      },
      { timeout: 5_000 },
    );
    expect(inserted).toEqual([5, 5, 6, 7]);
    expect([...prepared].sort()).toEqual([5, 5, 6, 7]);
    expect(failures).toHaveLength(1);
    expect(failures[0]?.[1]).toContain('/spool/1.native');
    system.stop();
  });
});
