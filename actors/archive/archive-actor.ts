import type { ServiceBatch } from '../../proto/columns/index.ts';
import {
  PreparedSegmentGoneError,
  type PreparedSegment,
  type SegmentSource,
  type TelemetryArchive,
} from '../ports/index.ts';
import type { ActorRef, ActorSystem } from '../system/index.ts';
import { SegmentLoad, type ArchiveMemory } from './segment-load.ts';

export type ArchiveMessage =
  /** Batches of one accepted request, durable in journal segment `segment`. */
  | { readonly type: 'collect'; readonly segment: number; readonly batches: readonly ServiceBatch[] }
  /** Nothing more will come for this segment, which holds so many items. */
  | { readonly type: 'sealed'; readonly segment: number; readonly items: number }
  /** The windows gave these up: what was collected of them shall be let go, too. */
  | { readonly type: 'evicted'; readonly segments: ReadonlySet<number> }
  | {
      readonly type: 'prepared';
      readonly segment: number;
      readonly items: number;
      readonly prepared: PreparedSegment;
    }
  | { readonly type: 'inserted'; readonly segment: number }
  | { readonly type: 'failed'; readonly step: Step; readonly segment: number; readonly error: unknown }
  | { readonly type: 'retry'; readonly step: Step };

type Step = 'prepare' | 'insert';

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

interface Prepared extends Sealed {
  readonly prepared: PreparedSegment;
}

interface ArchiveState {
  readonly collected: Map<number, ServiceBatch[]>;
  /** In order, as those that are prepared. */
  readonly sealed: Sealed[];
  readonly prepared: Prepared[];
  /** Under way, or waiting to be tried again. */
  readonly busy: Record<Step, boolean>;
  /** That failed in a row. */
  readonly attempts: Record<Step, number>;
}

/** One is inserted, one waits: what more were prepared would only take room on the disk. */
const MOST_PREPARED = 2;
const MAILBOX = 100_000;
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 30_000;

/**
 * Moves sealed segments into the cold tier, in order, again and again until each is there; one is prepared while the one
 * before is inserted, as the one is work of this process and the other of the store. Batches it collects are those of the
 * windows and go with them; a segment of which some are missing is read again from its source.
 */
export function spawnArchiveActor(
  system: ActorSystem,
  options: ArchiveOptions,
): { readonly ref: ArchiveRef; readonly progress: ArchiveProgress } {
  const progress = { through: options.archivedThrough, failures: 0, waitingSegments: 0, rereadSegments: 0 };
  const state: ArchiveState = {
    collected: new Map(),
    sealed: [],
    prepared: [],
    busy: { prepare: false, insert: false },
    attempts: { prepare: 0, insert: 0 },
  };
  const load = new SegmentLoad(options);

  const prepare = async ({ segment, items }: Sealed): Promise<PreparedSegment> => {
    const collected = state.collected.get(segment) ?? [];
    options.memory.pin(segment);
    try {
      const isWhole = rowsOf(collected) === items;
      if (!isWhole && options.source.has(segment)) progress.rereadSegments += 1;
      const batches = isWhole ? collected : await load.batchesOf(segment, collected);
      if (!isWhole && rowsOf(batches) !== items) {
        options.onIncomplete({ segment, items, found: rowsOf(batches) });
      }
      return await options.archive.prepare({ number: segment, batches });
    } finally {
      load.giveBack();
      options.memory.pin(undefined);
    }
  };

  const attempt = <T>(
    step: Step,
    segment: number,
    work: Promise<T>,
    done: (result: T) => ArchiveMessage,
  ): void => {
    state.busy[step] = true;
    work.then(
      (result) => system.tell(ref, done(result)),
      (error: unknown) => system.tell(ref, { type: 'failed', step, segment, error }),
    );
  };

  const goOn = (): void => {
    progress.waitingSegments = state.sealed.length + state.prepared.length;
    const [sealed] = state.sealed;
    const [next] = state.prepared;
    if (next && !state.busy.insert && !(sealed && sealed.segment < next.segment)) {
      const { segment, prepared } = next;
      attempt('insert', segment, prepared.insert(), () => ({ type: 'inserted', segment }));
    }
    if (sealed && !state.busy.prepare && state.prepared.length < MOST_PREPARED) {
      const { segment } = sealed;
      attempt('prepare', segment, prepare(sealed), (prepared) => ({ ...sealed, type: 'prepared', prepared }));
    }
  };

  const succeeded = (step: Step): void => {
    state.busy[step] = false;
    state.attempts[step] = 0;
  };

  const receive = (message: ArchiveMessage): void => {
    switch (message.type) {
      case 'collect': {
        const batches = state.collected.get(message.segment) ?? [];
        batches.push(...message.batches);
        state.collected.set(message.segment, batches);
        return;
      }
      case 'sealed':
        state.sealed.push({ segment: message.segment, items: message.items });
        break;
      case 'evicted':
        for (const segment of message.segments) state.collected.delete(segment);
        return;
      case 'prepared':
        move(message, state.sealed, state.prepared);
        succeeded('prepare');
        break;
      case 'inserted':
        state.prepared.shift();
        state.collected.delete(message.segment);
        succeeded('insert');
        progress.through = message.segment;
        options.onArchived(message.segment);
        break;
      case 'failed': {
        const { step, segment, error } = message;
        const retryMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** state.attempts[step]);
        state.attempts[step] += 1;
        progress.failures += 1;
        options.onFailure({ segment, error, retryMs });
        const [gone] = error instanceof PreparedSegmentGoneError ? state.prepared : [];
        if (gone) move(gone, state.prepared, state.sealed);
        setTimeout(() => system.tell(ref, { type: 'retry', step }), retryMs).unref();
        return;
      }
      case 'retry':
        state.busy[message.step] = false;
        break;
    }
    goOn();
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

/** Of two lists that are in order. */
function move<To extends Sealed>(item: To, from: Sealed[], to: To[]): void {
  from.splice(
    from.findIndex(({ segment }) => segment === item.segment),
    1,
  );
  const behind = to.findIndex(({ segment }) => segment > item.segment);
  to.splice(behind === -1 ? to.length : behind, 0, item);
}

function rowsOf(batches: readonly ServiceBatch[]): number {
  return batches.reduce((sum, { batch }) => sum + batch.rowCount, 0);
}
