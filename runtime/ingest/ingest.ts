// Hot: every OTLP request. Bench: bench/ingest.
import type { DecodedRequest, RejectionReason, ServiceBatch, Signal } from '../../proto/columns/index.ts';
import { jsonToWire, type Decoder } from '../../workers/decode/index.ts';
import type { Journal } from '../journal/index.ts';
import type { IngestOutcome, RequestEncoding } from './outcome.ts';
import { rejectionMessage } from './rejection-message.ts';

export interface Ingest {
  /** Takes `body` over: it must not be written to afterwards. */
  accept(signal: Signal, body: Uint8Array, encoding: RequestEncoding): Promise<IngestOutcome>;
  /** Hands what the journal still holds to the windows and the archive. Before anything is accepted. */
  replay(onProgress: (items: number) => void): Promise<number>;
  readonly counters: Readonly<Record<Signal, SignalCounters>>;
}

export interface SignalCounters {
  requests: number;
  bytes: number;
  accepted: number;
  readonly rejected: Map<RejectionReason, number>;
  /** Requests, by reason. */
  undecodable: number;
  readonly refused: Map<RefusalReason, number>;
}

export type RefusalReason = 'window-full' | 'in-flight-full' | 'journal-full' | 'journal-unavailable';

export interface IngestOptions {
  readonly decoder: Decoder;
  readonly journal: Journal;
  /** Called once a request is durable, in the order of the journal. */
  readonly deliver: (segment: number, batches: readonly ServiceBatch[]) => void;
  /** A reason not to take anything just now. */
  readonly gate: () => RefusalReason | undefined;
  /** Unix ms. */
  readonly now: () => number;
}

/** Bodies that may be on their way to the journal at a time. */
const MAX_IN_FLIGHT_BYTES = 128 * 2 ** 20;

const REFUSALS: Readonly<Record<RefusalReason, { readonly reason: string; readonly retryAfterMs: number }>> =
  {
    'window-full': { reason: 'memory is full of telemetry that waits to be archived', retryAfterMs: 5_000 },
    'in-flight-full': { reason: 'too many requests are being written', retryAfterMs: 1_000 },
    'journal-full': { reason: 'the journal has reached OPHION_JOURNAL_MAX_BYTES', retryAfterMs: 10_000 },
    'journal-unavailable': { reason: 'the journal cannot be written', retryAfterMs: 10_000 },
  };

/** From bytes to windows: decode, make durable, deliver. The answer comes when all three are done. */
export function createIngest({ decoder, journal, deliver, gate, now }: IngestOptions): Ingest {
  const counters = { traces: newCounters(), metrics: newCounters(), logs: newCounters() };
  let inFlightBytes = 0;

  const refuse = (signal: Signal, cause: RefusalReason): IngestOutcome => {
    const { refused } = counters[signal];
    refused.set(cause, (refused.get(cause) ?? 0) + 1);
    return { type: 'refused', ...REFUSALS[cause] };
  };

  const decode = (signal: Signal, body: Uint8Array, encoding: RequestEncoding): DecodedRequest | string => {
    const wire = encoding === 'json' ? jsonToWire(signal, body) : body;
    if ('undecodable' in wire) return wire.reason;
    const decoded = decoder.decode(signal, wire);
    return 'undecodable' in decoded ? decoded.reason : decoded;
  };

  return {
    counters,
    async accept(signal, body, encoding) {
      const counter = counters[signal];
      counter.requests += 1;
      counter.bytes += body.length;
      const closed = gate() ?? (inFlightBytes >= MAX_IN_FLIGHT_BYTES ? 'in-flight-full' : undefined);
      if (closed) return refuse(signal, closed);
      const decoded = decode(signal, body, encoding);
      if (typeof decoded === 'string') {
        counter.undecodable += 1;
        return { type: 'undecodable', reason: decoded };
      }
      if (decoded.accepted > 0) {
        inFlightBytes += body.length;
        const outcome = await journal
          .append(
            { signal, encoding, itemCount: decoded.accepted, receivedAtUnixMs: now(), bytes: body },
            (segment) => {
              deliver(segment, decoded.batches);
            },
          )
          .finally(() => (inFlightBytes -= body.length));
        if ('refused' in outcome) return refuse(signal, outcome.refused);
      }
      counter.accepted += decoded.accepted;
      for (const [reason, count] of decoded.rejections) {
        counter.rejected.set(reason, (counter.rejected.get(reason) ?? 0) + count);
      }
      return { type: 'accepted', rejected: decoded.rejected, message: rejectionMessage(decoded) };
    },
    async replay(onProgress) {
      let items = 0;
      for await (const record of journal.replay()) {
        const decoded = decode(record.signal, record.bytes, record.encoding);
        // It was decoded before it was written; only another version of the decoder could think otherwise.
        if (typeof decoded === 'string') throw new Error(`a journal record cannot be decoded: ${decoded}`);
        deliver(record.segment, decoded.batches);
        items += decoded.accepted;
        onProgress(items);
      }
      return items;
    },
  };
}

function newCounters(): SignalCounters {
  return { requests: 0, bytes: 0, accepted: 0, rejected: new Map(), undecodable: 0, refused: new Map() };
}
