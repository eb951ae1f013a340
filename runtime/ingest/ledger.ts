import type { ArchiveSegment, TelemetryArchive } from '../../actors/ports/index.ts';
import type { LedgerEntryJson, LedgerJson } from '../../proto/api/index.ts';
import { SIGNALS, type RejectionReason, type Signal } from '../../proto/columns/index.ts';
import type { RefusalReason } from './refusals.ts';

/** Why an item will never be accepted; its sender was told so. */
export type LossReason = RejectionReason | 'undecodable';

/** What became of everything of one signal since the start. Items, where it does not say requests. */
export interface SignalCounters {
  requests: number;
  /** Bytes of requests, decompressed. */
  bytes: number;
  /** Counted when a request comes in, before and apart from what becomes of it. */
  sent: number;
  /** Of requests that are not answered yet. */
  inFlight: number;
  accepted: number;
  readonly rejected: Map<LossReason, number>;
  /** Requests. */
  undecodable: number;
  readonly refused: Map<RefusalReason, number>;
  /** Requests, by reason. */
  readonly refusedRequests: Map<RefusalReason, number>;
  /** Sent again by a client that had not seen the first reply. */
  repeated: number;
  /** Accepted by an earlier run, archived by this one. */
  replayed: number;
  archived: number;
}

/**
 * The books: `sent = accepted + rejected + refused + repeated + inFlight`, and
 * `accepted + replayed = archived + waiting`. Kept per signal, since the start of the process.
 */
export class Ledger {
  readonly counters: Readonly<Record<Signal, SignalCounters>> = {
    traces: newCounters(),
    metrics: newCounters(),
    logs: newCounters(),
  };
  private readonly sinceUnixMs: number;

  constructor(sinceUnixMs: number) {
    this.sinceUnixMs = sinceUnixMs;
  }

  /** The archive, with the items counted that it says it has. Segments up to `earlier` are of an earlier run. */
  countArchived(archive: TelemetryArchive, earlier: number): TelemetryArchive {
    return {
      archivedThrough: () => archive.archivedThrough(),
      prepare: async (segment) => {
        const prepared = await archive.prepare(segment);
        const items = itemsOf(segment);
        return {
          insert: async () => {
            await prepared.insert();
            for (const signal of SIGNALS) {
              this.counters[signal].archived += items[signal];
              if (segment.number <= earlier) this.counters[signal].replayed += items[signal];
            }
          },
        };
      },
    };
  }

  toJson(): LedgerJson {
    const [traces, metrics, logs] = SIGNALS.map((signal) => entryJson(this.counters[signal]));
    if (!traces || !metrics || !logs) throw new Error('a signal without an entry');
    return { sinceUnixMs: this.sinceUnixMs, signals: { traces, metrics, logs } };
  }
}

function itemsOf({ batches }: ArchiveSegment): Record<Signal, number> {
  const items = { traces: 0, metrics: 0, logs: 0 };
  for (const { batch } of batches) items[batch.signal] += batch.rowCount;
  return items;
}

export function count<Reason>(counts: Map<Reason, number>, reason: Reason, items: number): void {
  counts.set(reason, (counts.get(reason) ?? 0) + items);
}

function newCounters(): SignalCounters {
  return {
    requests: 0,
    bytes: 0,
    sent: 0,
    inFlight: 0,
    accepted: 0,
    rejected: new Map(),
    undecodable: 0,
    refused: new Map(),
    refusedRequests: new Map(),
    repeated: 0,
    replayed: 0,
    archived: 0,
  };
}

function entryJson(counters: SignalCounters): LedgerEntryJson {
  const { requests, sent, inFlight, accepted, repeated, replayed, archived, undecodable } = counters;
  const rejected = total(counters.rejected);
  const refused = total(counters.refused);
  return {
    requests,
    undecodableRequests: undecodable,
    sent,
    inFlight,
    accepted,
    rejected: Object.fromEntries(counters.rejected),
    refused: Object.fromEntries(counters.refused),
    repeated,
    unexplained: sent - accepted - rejected - refused - repeated - inFlight,
    replayed,
    archived,
    waiting: accepted + replayed - archived,
  };
}

function total(counts: ReadonlyMap<unknown, number>): number {
  let sum = 0;
  for (const items of counts.values()) sum += items;
  return sum;
}
