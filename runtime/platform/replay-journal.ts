import type { SegmentSource } from '../../actors/ports/index.ts';
import type { Domain } from '../domain/index.ts';
import type { Journal, SealedSegment } from '../journal/index.ts';
import type { Logger } from '../log/index.ts';
import { SlowProgress } from '../log/index.ts';

export interface ReplayOptions {
  readonly journal: Pick<Journal, 'pending' | 'onSealed'>;
  readonly source: SegmentSource;
  readonly domain: Pick<Domain, 'system' | 'archive' | 'budget' | 'deliver' | 'progress'>;
  readonly log: Logger;
}

/** What the columns of an item take, about, and what a request takes beside: to choose what to read, not to bound it. */
const ITEM_BYTES = 160;
const REQUEST_BYTES = 4_096;
/** What may be on its way to the windows at a time. */
const MAILBOX_BYTES = 1_000_000;

/**
 * Hands what the journal still holds to the windows, the newest segments that fit into them, and to the archive, which
 * reads the others itself, as those that are sealed from now on. Before anything is accepted. Answers the last segment that the windows were not shown.
 */
export async function replayJournal({ journal, source, domain, log }: ReplayOptions): Promise<number> {
  const startedMs = Date.now();
  const pending = journal.pending();
  const shown = newestThatFit(pending, domain.budget.maxBytes);
  const notShown = pending.at(-shown.length - 1)?.number ?? domain.progress.through;
  const progress = new SlowProgress(log, 'replaying the journal');
  const totalBytes = shown.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let doneBytes = 0;
  let items = 0;
  for (const { number, itemCount } of pending.slice(0, pending.length - shown.length)) {
    domain.budget.passedOver(number, itemCount);
  }
  for (const { number, itemCount, sizeBytes } of shown) {
    let ofSegment = 0;
    let sinceIdle = 0;
    for await (const batches of source.read(number)) {
      domain.deliver(number, batches);
      const rows = batches.reduce((sum, { batch }) => sum + batch.rowCount, 0);
      ofSegment += rows;
      sinceIdle += rows * ITEM_BYTES + REQUEST_BYTES;
      if (sinceIdle < MAILBOX_BYTES) continue;
      sinceIdle = 0;
      await domain.system.idle();
      const share = (doneBytes + (sizeBytes * ofSegment) / itemCount) / totalBytes;
      progress.at({ items: items + ofSegment, share });
    }
    items += ofSegment;
    doneBytes += sizeBytes;
  }
  const seal = ({ number, itemCount }: SealedSegment): void => {
    domain.system.tell(domain.archive, { type: 'sealed', segment: number, items: itemCount });
  };
  pending.forEach(seal);
  journal.onSealed(seal);
  if (pending.length === 0) return notShown;
  const waiting = domain.budget.waitingItems;
  log.info({ items, waiting, ms: Date.now() - startedMs }, 'the journal was replayed');
  return notShown;
}

/** Of segments in order; in order. */
export function newestThatFit(pending: readonly SealedSegment[], maxBytes: number): readonly SealedSegment[] {
  let bytes = 0;
  let first = pending.length;
  while (first > 0) {
    const segment = pending[first - 1];
    if (!segment) break;
    bytes += segment.itemCount * ITEM_BYTES + segment.recordCount * REQUEST_BYTES;
    if (bytes > maxBytes) break;
    first -= 1;
  }
  return pending.slice(first);
}
