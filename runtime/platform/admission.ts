import type { WindowBudget } from '../../actors/services/index.ts';
import { RetryDelay, type MemoryGate, type RefusalReason, type RequestJournal } from '../ingest/index.ts';
import type { Journal } from '../journal/index.ts';

export interface AdmissionOptions {
  readonly journal: Pick<Journal, 'hasRoom' | 'statistics'>;
  readonly journalMaxBytes: number;
  readonly budget: Pick<WindowBudget, 'isFull' | 'usedBytes' | 'maxBytes'>;
  readonly memory: Pick<MemoryGate, 'isNearBound' | 'excessBytes'>;
}

/** Whether a request may come in, and if not, when its sender should try again. */
export interface Admission {
  readonly gate: (bodyBytes: number) => RefusalReason | undefined;
  readonly retryAfterMs: (reason: RefusalReason, bodyBytes: number) => number;
  /** The same journal, watched: what is on its way to it, and how fast it writes. */
  readonly watched: (journal: RequestJournal) => RequestJournal;
  /** The archive has a segment, and the journal gave it up. */
  readonly released: () => void;
}

/** Bodies that may be on their way to the journal at a time. */
const MAX_IN_FLIGHT_BYTES = 128 * 2 ** 20;
/** A commit takes milliseconds, a segment goes into the archive every some seconds. */
const COMMIT_HALF_LIFE_MS = 2_000;
const ARCHIVE_HALF_LIFE_MS = 30_000;

export function createAdmission({ journal, journalMaxBytes, budget, memory }: AdmissionOptions): Admission {
  let inFlightBytes = 0;
  let releasedBytes = 0;
  const delay = (halfLifeMs: number, excessBytes: () => number): RetryDelay =>
    new RetryDelay({ halfLifeMs, excessBytes, now: () => performance.now(), random: Math.random });
  const archived = delay(ARCHIVE_HALF_LIFE_MS, () => journal.statistics().usedBytes - journalMaxBytes);
  const evicted = delay(ARCHIVE_HALF_LIFE_MS, () => budget.usedBytes - budget.maxBytes);
  const committed = delay(COMMIT_HALF_LIFE_MS, () => inFlightBytes - MAX_IN_FLIGHT_BYTES);
  const freed = delay(COMMIT_HALF_LIFE_MS, () => memory.excessBytes);
  const delays: Readonly<Record<RefusalReason, RetryDelay>> = {
    'window-full': evicted,
    'memory-full': freed,
    'in-flight-full': committed,
    'journal-full': archived,
    'journal-unavailable': committed,
  };

  return {
    gate(bodyBytes) {
      if (budget.isFull) return 'window-full';
      if (memory.isNearBound()) return 'memory-full';
      if (inFlightBytes >= MAX_IN_FLIGHT_BYTES) return 'in-flight-full';
      return journal.hasRoom(bodyBytes) ? undefined : 'journal-full';
    },
    retryAfterMs: (reason, bodyBytes) => delays[reason].delayMs(bodyBytes),
    watched: (inner) => ({
      async append(record, deliver) {
        const { length } = record.bytes;
        inFlightBytes += length;
        try {
          const outcome = await inner.append(record, deliver);
          if (!('refused' in outcome)) {
            committed.drained(length);
            freed.drained(length);
          }
          return outcome;
        } finally {
          inFlightBytes -= length;
        }
      },
    }),
    released() {
      const total = journal.statistics().releasedBytes;
      archived.drained(total - releasedBytes);
      evicted.drained(total - releasedBytes);
      releasedBytes = total;
    },
  };
}
