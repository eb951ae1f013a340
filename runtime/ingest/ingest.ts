// Hot: every OTLP request. Bench: bench/ingest.
import type { DecodedRequest, ServiceBatch, Signal } from '../../proto/columns/index.ts';
import { countItems, jsonToWire, type Decoder } from '../../workers/decode/index.ts';
import type { Journal, JournalRecord } from '../journal/index.ts';
import { count, type Ledger, type RefusalReason } from './ledger.ts';
import type { IngestOutcome, RequestEncoding } from './outcome.ts';

export interface Ingest {
  /** Takes `body` over: it must not be written to afterwards. */
  accept(signal: Signal, body: Uint8Array, encoding: RequestEncoding): Promise<IngestOutcome>;
  /** Hands what the journal still holds to the windows and the archive. Before anything is accepted. */
  replay(onProgress: (items: number) => void): Promise<number>;
  readonly counters: Ledger['counters'];
}

export interface IngestOptions {
  readonly decoder: Decoder;
  readonly journal: Journal;
  readonly ledger: Ledger;
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
export function createIngest({ decoder, journal, ledger, deliver, gate, now }: IngestOptions): Ingest {
  let inFlightBytes = 0;

  const refuse = (signal: Signal, cause: RefusalReason, items: number): IngestOutcome => {
    count(ledger.counters[signal].refused, cause, items);
    count(ledger.counters[signal].refusedRequests, cause, 1);
    return { type: 'refused', ...REFUSALS[cause] };
  };

  const rejectAll = (signal: Signal, reason: string, items: number): IngestOutcome => {
    ledger.counters[signal].undecodable += 1;
    if (items > 0) count(ledger.counters[signal].rejected, 'undecodable', items);
    return { type: 'undecodable', reason };
  };

  const take = async (signal: Signal, request: Request, sent: number): Promise<IngestOutcome> => {
    const closed = gate() ?? (inFlightBytes >= MAX_IN_FLIGHT_BYTES ? 'in-flight-full' : undefined);
    if (closed) return refuse(signal, closed, sent);
    const decoded = decoder.decode(signal, request.wire);
    if ('undecodable' in decoded) return rejectAll(signal, decoded.reason, sent);
    if (decoded.accepted > 0) {
      const { body: bytes, encoding } = request;
      inFlightBytes += bytes.length;
      const outcome = await journal
        .append(
          { signal, encoding, itemCount: decoded.accepted, receivedAtUnixMs: now(), bytes },
          (segment) => {
            deliver(segment, decoded.batches);
          },
        )
        .finally(() => (inFlightBytes -= bytes.length));
      if ('refused' in outcome) return refuse(signal, outcome.refused, sent);
    }
    const counters = ledger.counters[signal];
    counters.accepted += decoded.accepted;
    for (const [reason, items] of decoded.rejections) count(counters.rejected, reason, items);
    return { type: 'accepted', rejected: decoded.rejected, message: rejectionMessage(decoded) };
  };

  return {
    counters: ledger.counters,
    async accept(signal, body, encoding) {
      const counters = ledger.counters[signal];
      counters.requests += 1;
      counters.bytes += body.length;
      const wire = encoding === 'json' ? jsonToWire(signal, body) : body;
      if ('undecodable' in wire) return rejectAll(signal, wire.reason, 0);
      const sent = countItems(signal, wire) ?? 0;
      counters.sent += sent;
      counters.inFlight += sent;
      try {
        return await take(signal, { body, encoding, wire }, sent);
      } finally {
        counters.inFlight -= sent;
      }
    },
    async replay(onProgress) {
      let items = 0;
      for await (const record of journal.replay()) {
        const decoded = decodeRecord(decoder, record);
        deliver(record.segment, decoded.batches);
        ledger.counters[record.signal].replayed += decoded.accepted;
        items += decoded.accepted;
        onProgress(items);
      }
      return items;
    },
  };
}

/** A request on its way: as it came, which is what the journal keeps, and as protobuf. */
interface Request {
  readonly body: Uint8Array;
  readonly encoding: RequestEncoding;
  readonly wire: Uint8Array;
}

function decodeRecord(decoder: Decoder, { signal, encoding, bytes }: JournalRecord): DecodedRequest {
  const wire = encoding === 'json' ? jsonToWire(signal, bytes) : bytes;
  const decoded = 'undecodable' in wire ? wire : decoder.decode(signal, wire);
  // It was decoded before it was written; only another version of the decoder could think otherwise.
  if ('undecodable' in decoded) throw new Error(`a journal record cannot be decoded: ${decoded.reason}`);
  return decoded;
}

const ITEM_NAMES = { traces: 'spans', metrics: 'data points', logs: 'log records' } as const;

function rejectionMessage({ signal, accepted, rejected, rejections }: DecodedRequest): string {
  if (rejected === 0) return '';
  const reasons = [...rejections].map(([reason, count]) => `${count} ${reason}`).join(', ');
  return `${rejected} of ${accepted + rejected} ${ITEM_NAMES[signal]} rejected: ${reasons}`;
}
