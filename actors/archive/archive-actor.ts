import type { ServiceBatch } from '../../proto/columns/index.ts';
import type { TelemetryArchive } from '../ports/index.ts';
import type { ActorRef, ActorSystem } from '../system/index.ts';

export type ArchiveMessage =
  /** Batches of one accepted request, durable in journal segment `segment`. */
  | { readonly type: 'collect'; readonly segment: number; readonly batches: readonly ServiceBatch[] }
  /** Nothing more will come for this segment. */
  | { readonly type: 'sealed'; readonly segment: number }
  | { readonly type: 'inserted'; readonly segment: number }
  | { readonly type: 'failed'; readonly segment: number; readonly error: unknown }
  | { readonly type: 'retry' };

export type ArchiveRef = ActorRef<ArchiveMessage>;

/** How far the cold tier is complete. Written by the archive actor, read by queries at any moment. */
export interface ArchiveProgress {
  readonly through: number;
  readonly failures: number;
  readonly waitingSegments: number;
}

export interface ArchiveOptions {
  readonly archive: TelemetryArchive;
  /** What the cold tier already has. */
  readonly archivedThrough: number;
  /** A segment is in the archive: the journal may forget it, the windows may drop it. */
  readonly onArchived: (segment: number) => void;
  readonly onFailure: (failure: {
    readonly segment: number;
    readonly error: unknown;
    readonly retryMs: number;
  }) => void;
}

interface ArchiveState {
  readonly collected: Map<number, ServiceBatch[]>;
  readonly sealed: number[];
  busy: boolean;
  attempts: number;
}

const MAILBOX = 100_000;
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 30_000;

/**
 * Moves sealed segments into the cold tier, one at a time, in order, again and again until each is there. Batches it
 * holds are those of the windows, so holding them costs nothing as long as windows keep what is not archived.
 */
export function spawnArchiveActor(
  system: ActorSystem,
  options: ArchiveOptions,
): { readonly ref: ArchiveRef; readonly progress: ArchiveProgress } {
  const progress = { through: options.archivedThrough, failures: 0, waitingSegments: 0 };
  const state: ArchiveState = { collected: new Map(), sealed: [], busy: false, attempts: 0 };

  const insertNext = (): void => {
    const segment = state.sealed[0];
    progress.waitingSegments = state.sealed.length;
    if (segment === undefined || state.busy) return;
    state.busy = true;
    const batches = state.collected.get(segment) ?? [];
    options.archive.insert({ number: segment, batches }).then(
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
        state.sealed.push(message.segment);
        insertNext();
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
