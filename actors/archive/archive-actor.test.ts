import { describe, expect, it, vi } from 'vitest';
import { spanBatches } from '../fixtures/index.ts';
import type { ArchiveSegment } from '../ports/index.ts';
import { startActorSystem } from '../system/index.ts';
import { spawnArchiveActor } from './archive-actor.ts';

function setUp(insert: (segment: ArchiveSegment) => Promise<void>) {
  const system = startActorSystem(() => undefined);
  const archived: number[] = [];
  const failures: number[] = [];
  const { ref, progress } = spawnArchiveActor(system, {
    archive: { archivedThrough: () => Promise.resolve(4), insert },
    archivedThrough: 4,
    onArchived: (segment) => archived.push(segment),
    onFailure: ({ segment }) => failures.push(segment),
  });
  return { system, ref, progress, archived, failures };
}

describe('the archive actor', () => {
  it('inserts sealed segments whole, in order, one at a time', async () => {
    const inserted: [number, number][] = [];
    let running = 0;
    const { system, ref, progress, archived } = setUp(async (segment) => {
      running += 1;
      expect(running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inserted.push([segment.number, segment.batches.length]);
      running -= 1;
    });
    system.tell(ref, { type: 'collect', segment: 5, batches: spanBatches([{}]) });
    system.tell(ref, { type: 'collect', segment: 5, batches: spanBatches([{}, { service: 'pay' }]) });
    system.tell(ref, { type: 'collect', segment: 6, batches: spanBatches([{}]) });
    await system.idle();
    expect(progress.through).toBe(4);
    system.tell(ref, { type: 'sealed', segment: 5 });
    system.tell(ref, { type: 'sealed', segment: 6 });
    await vi.waitFor(() => {
      expect(archived).toEqual([5, 6]);
    });
    expect(inserted).toEqual([
      [5, 3],
      [6, 1],
    ]);
    expect(progress.through).toBe(6);
    system.stop();
  });

  it('tries a failed segment again, and nothing overtakes it', async () => {
    let attempts = 0;
    const { system, ref, progress, archived, failures } = setUp(({ number }) => {
      attempts += 1;
      return number === 5 && attempts < 3 ? Promise.reject(new Error('away')) : Promise.resolve();
    });
    system.tell(ref, { type: 'collect', segment: 5, batches: spanBatches([{}]) });
    system.tell(ref, { type: 'sealed', segment: 5 });
    system.tell(ref, { type: 'sealed', segment: 6 });
    await vi.waitFor(
      () => {
        expect(archived).toEqual([5, 6]);
      },
      { timeout: 5_000 },
    );
    expect(failures).toEqual([5, 5]);
    expect(progress).toMatchObject({ failures: 2, through: 6 });
    system.stop();
  });
});
