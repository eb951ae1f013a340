// Hot: every OTLP request. Bench: bench/ingest.
import type { DecodedRequest, RejectionReason, ServiceBatch, Signal } from '../../proto/columns/index.ts';
import type { Decoder } from '../../workers/decode/index.ts';
import { decodeRequest } from './decode-request.ts';
import type { IngestOutcome, RequestEncoding } from './outcome.ts';
import { REFUSALS, UNMEASURED_RETRY_MS, type RefusalReason } from './refusals.ts';
import type { RequestJournal } from './repeated-requests.ts';

export interface Ingest {
  /** Takes `body` over: it must not be written to afterwards. */
  accept(signal: Signal, body: Uint8Array, encoding: RequestEncoding): Promise<IngestOutcome>;
  readonly counters: Readonly<Record<Signal, SignalCounters>>;
}

export interface SignalCounters {
  requests: number;
  bytes: number;
  accepted: number;
  /** Items of requests that were durable already, and were acknowledged again. */
  repeated: number;
  readonly rejected: Map<RejectionReason, number>;
  /** Requests, by reason. */
  undecodable: number;
  readonly refused: Map<RefusalReason, number>;
}

export interface IngestOptions {
  readonly decoder: Decoder;
  readonly journal: RequestJournal;
  /** Called once a request is durable, in the order of the journal. */
  readonly deliver: (segment: number, batches: readonly ServiceBatch[]) => void;
  /** A reason not to take a body of so many bytes just now. */
  readonly gate: (bodyBytes: number) => RefusalReason | undefined;
  /** How long the sender of a refused body should wait. */
  readonly retryAfterMs?: (reason: RefusalReason, bodyBytes: number) => number;
  /** Unix ms. */
  readonly now: () => number;
}

/** From bytes to windows: decode, make durable, deliver. The answer comes when all three are done. */
export function createIngest(options: IngestOptions): Ingest {
  const { decoder, journal, deliver, gate, retryAfterMs = unmeasured, now } = options;
  const counters = { traces: newCounters(), metrics: newCounters(), logs: newCounters() };

  const refuse = (signal: Signal, cause: RefusalReason, bodyBytes: number): IngestOutcome => {
    const { refused } = counters[signal];
    refused.set(cause, (refused.get(cause) ?? 0) + 1);
    return { type: 'refused', reason: REFUSALS[cause], retryAfterMs: retryAfterMs(cause, bodyBytes) };
  };

  return {
    counters,
    async accept(signal, body, encoding) {
      const counter = counters[signal];
      counter.requests += 1;
      counter.bytes += body.length;
      const closed = gate(body.length);
      if (closed) return refuse(signal, closed, body.length);
      const decoded = decodeRequest(decoder, signal, body, encoding);
      if (typeof decoded === 'string') {
        counter.undecodable += 1;
        return { type: 'undecodable', reason: decoded };
      }
      if (decoded.accepted > 0) {
        const outcome = await journal.append(
          { signal, encoding, itemCount: decoded.accepted, receivedAtUnixMs: now(), bytes: body },
          (segment) => {
            deliver(segment, decoded.batches);
          },
        );
        if ('refused' in outcome) return refuse(signal, outcome.refused, body.length);
        if ('repeated' in outcome) counter.repeated += decoded.accepted;
        else counter.accepted += decoded.accepted;
      }
      for (const [reason, count] of decoded.rejections) {
        counter.rejected.set(reason, (counter.rejected.get(reason) ?? 0) + count);
      }
      return { type: 'accepted', rejected: decoded.rejected, message: rejectionMessage(decoded) };
    },
  };
}

function unmeasured(reason: RefusalReason): number {
  return UNMEASURED_RETRY_MS[reason];
}

function newCounters(): SignalCounters {
  return {
    requests: 0,
    bytes: 0,
    accepted: 0,
    repeated: 0,
    rejected: new Map(),
    undecodable: 0,
    refused: new Map(),
  };
}

const ITEM_NAMES = { traces: 'spans', metrics: 'data points', logs: 'log records' } as const;

function rejectionMessage({ signal, accepted, rejected, rejections }: DecodedRequest): string {
  if (rejected === 0) return '';
  const reasons = [...rejections].map(([reason, count]) => `${count} ${reason}`).join(', ');
  return `${rejected} of ${accepted + rejected} ${ITEM_NAMES[signal]} rejected: ${reasons}`;
}
