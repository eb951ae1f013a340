import type { ServiceBatch } from '../../proto/columns/index.ts';
import type { SegmentSource, TelemetryArchive } from '../ports/index.ts';
import type { ActorRef, ActorSystem } from '../system/index.ts';
import { SegmentLoad, type ArchiveMemory } from './segment-load.ts';

export type ArchiveMessage =
  /** Batches of one accepted request, durable in journal segment `segment`. */
  | { readonly type: 'collect'; readonly segment: number; readonly batches: readonly ServiceBatch[] }
  /** Nothing more will come for this segment, which holds so many items. */
  | { readonly type: 'sealed'; readonly segment: number; readonly items: number }
  /** The windows gave these up: what was collected of them shall be let go, too. */
  | { readonly type: 'evicted'; readonly segments: ReadonlySet<number> }
  | { readonly type: 'inserted'; readonly segment: number }
  | { readonly type: 'failed'; readonly segment: number; readonly error: unknown }
  | { readonly type: 'retry' };

export type ArchiveRef = ActorRef<ArchiveMessage>;

/** How far the cold tier is complete. Written by the archive actor, read by queries at any moment. */
export interface ArchiveProgress {
  readonly through: number;
  readonly failures: number;
  readonly waitingSegments: number;
  /** Segments that were read again, as memory did not hold all of them any more. */
  readonly rereadSegments: number;
}

export interface ArchiveOptions {
  readonly archive: TelemetryArchive;
  readonly source: SegmentSource;
  readonly memory: ArchiveMemory;
  /** What the cold tier already has. */
  readonly archivedThrough: number;
  /** A segment is in the archive: the journal may forget it, the windows may drop it. */
  readonly onArchived: (segment: number) => void;
  readonly onFailure: (failure: {
    readonly segment: number;
    readonly error: unknown;
    readonly retryMs: number;
  }) => void;
  /** Fewer items were found than the segment should hold; these are archived. */
  readonly onIncomplete: (lack: {
    readonly segment: number;
    readonly items: number;
    readonly found: number;
  }) => void;
}

interface Sealed {
  readonly segment: number;
  readonly items: number;
}

interface ArchiveState {
  readonly collected: Map<number, ServiceBatch[]>;
  readonly sealed: Sealed[];
  busy: boolean;
  attempts: number;
}

const MAILBOX = 100_000;
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 30_000;

/**
 * Moves sealed segments into the cold tier, one at a time, in order, again and again until each is there. Batches it
 * collects are those of the windows and go with them; a segment of which some are missing is read again from its source.
 */
export function spawnArchiveActor(
  system: ActorSystem,
  options: ArchiveOptions,
): { readonly ref: ArchiveRef; readonly progress: ArchiveProgress } {
  const progress = { through: options.archivedThrough, failures: 0, waitingSegments: 0, rereadSegments: 0 };
  const state: ArchiveState = { collected: new Map(), sealed: [], busy: false, attempts: 0 };
  const load = new SegmentLoad(options);

  const insert = async ({ segment, items }: Sealed): Promise<void> => {
    const collected = state.collected.get(segment) ?? [];
    options.memory.pin(segment);
    try {
      const isWhole = rowsOf(collected) === items;
      if (!isWhole && options.source.has(segment)) progress.rereadSegments += 1;
      const batches = isWhole ? collected : await load.batchesOf(segment, collected);
      if (!isWhole && rowsOf(batches) !== items) {
        options.onIncomplete({ segment, items, found: rowsOf(batches) });
      }
      await options.archive.insert({ number: segment, batches });
    } finally {
      load.giveBack();
      options.memory.pin(undefined);
    }
  };

  const insertNext = (): void => {
    const next = state.sealed[0];
    progress.waitingSegments = state.sealed.length;
    if (next === undefined || state.busy) return;
    state.busy = true;
    const { segment } = next;
    insert(next).then(
      () => system.tell(ref, { type: 'inserted', segment }),
      (error: unknown) => system.tell(ref, { type: 'failed', segment, error }),
    );
  };

  const receive = (message: ArchiveMessage): void => {
    switch (message.type) {
      case 'collect': {
        const batches = state.collected.get(message.segment) ?? [];
        batches.push(...message.batches);
        state.collected.set(message.segment, batches);
        break;
      }
      case 'sealed':
        state.sealed.push(message);
        insertNext();
        break;
      case 'evicted':
        for (const segment of message.segments) state.collected.delete(segment);
        break;
      case 'inserted':
        state.sealed.shift();
        state.collected.delete(message.segment);
        state.busy = false;
        state.attempts = 0;
        progress.through = message.segment;
        options.onArchived(message.segment);
        insertNext();
        break;
      case 'failed': {
        const retryMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** state.attempts);
        state.attempts += 1;
        progress.failures += 1;
        options.onFailure({ segment: message.segment, error: message.error, retryMs });
        setTimeout(() => system.tell(ref, { type: 'retry' }), retryMs).unref();
        break;
      }
      case 'retry':
        state.busy = false;
        insertNext();
        break;
    }
  };

  const ref = system.spawn<ArchiveState, ArchiveMessage>({
    name: 'archive',
    kind: 'archive',
    capacity: MAILBOX,
    onCrash: 'resume',
    initialState: () => state,
    receive: (current, message) => {
      receive(message);
      return current;
    },
  });
  return { ref, progress };
}

function rowsOf(batches: readonly ServiceBatch[]): number {
  return batches.reduce((sum, { batch }) => sum + batch.rowCount, 0);
}
