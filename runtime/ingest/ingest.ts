// Hot: every OTLP request. Bench: bench/ingest.
import type { ServiceBatch, Signal } from '../../proto/columns/index.ts';
import { countItems, jsonToWire, type Decoder } from '../../workers/decode/index.ts';
import { count, type Ledger } from './ledger.ts';
import type { IngestOutcome, RequestEncoding } from './outcome.ts';
import { REFUSALS, UNMEASURED_RETRY_MS, type RefusalReason } from './refusals.ts';
import { rejectionMessage } from './rejection-message.ts';
import type { RequestJournal } from './repeated-requests.ts';
import { TurnBudget } from './turn-budget.ts';

export interface Ingest {
  /** Borrows `body` until it answers: it must not be written to before. */
  accept(signal: Signal, body: Uint8Array, encoding: RequestEncoding): Promise<IngestOutcome>;
  readonly counters: Ledger['counters'];
}

export interface IngestOptions {
  readonly decoder: Decoder;
  readonly journal: RequestJournal;
  readonly ledger: Ledger;
  /** Called once a request is durable, in the order of the journal. */
  readonly deliver: (segment: number, batches: readonly ServiceBatch[]) => void;
  /** A reason not to take a body of so many bytes just now. */
  readonly gate: (bodyBytes: number) => RefusalReason | undefined;
  /** How long the sender of a refused body should wait. */
  readonly retryAfterMs?: (reason: RefusalReason, bodyBytes: number) => number;
  /** Unix ms. */
  readonly now: () => number;
}

/** A request on its way: as it came, which is what the journal keeps, and as protobuf. */
interface Request {
  readonly signal: Signal;
  readonly encoding: RequestEncoding;
  readonly body: Uint8Array;
  readonly wire: Uint8Array;
  /** Items in it. */
  readonly sent: number;
}

/** From bytes to windows: decode, make durable, deliver. The answer comes when all three are done. */
export function createIngest(options: IngestOptions): Ingest {
  const { decoder, journal, ledger, deliver, gate, retryAfterMs = unmeasured, now } = options;
  const turns = new TurnBudget();

  const refuse = ({ signal, body, sent }: Request, cause: RefusalReason): IngestOutcome => {
    count(ledger.counters[signal].refused, cause, sent);
    count(ledger.counters[signal].refusedRequests, cause, 1);
    return { type: 'refused', reason: REFUSALS[cause], retryAfterMs: retryAfterMs(cause, body.length) };
  };

  const rejectAll = (signal: Signal, reason: string, sent: number): IngestOutcome => {
    ledger.counters[signal].undecodable += 1;
    if (sent > 0) count(ledger.counters[signal].rejected, 'undecodable', sent);
    return { type: 'undecodable', reason };
  };

  const take = async (request: Request): Promise<IngestOutcome> => {
    const { signal, encoding, body, wire, sent } = request;
    const closed = gate(body.length);
    if (closed) return refuse(request, closed);
    const decoded = decoder.decode(signal, wire);
    if ('undecodable' in decoded) return rejectAll(signal, decoded.reason, sent);
    const counters = ledger.counters[signal];
    if (decoded.accepted > 0) {
      const record = { signal, encoding, itemCount: decoded.accepted, receivedAtUnixMs: now(), bytes: body };
      const outcome = await journal.append(record, (segment) => {
        deliver(segment, decoded.batches);
      });
      if ('refused' in outcome) return refuse(request, outcome.refused);
      if ('repeated' in outcome) counters.repeated += decoded.accepted;
      else counters.accepted += decoded.accepted;
    }
    for (const [reason, items] of decoded.rejections) count(counters.rejected, reason, items);
    return { type: 'accepted', rejected: decoded.rejected, message: rejectionMessage(decoded) };
  };

  const accept = async (
    signal: Signal,
    body: Uint8Array,
    encoding: RequestEncoding,
  ): Promise<IngestOutcome> => {
    const counters = ledger.counters[signal];
    counters.requests += 1;
    counters.bytes += body.length;
    const wire = encoding === 'json' ? jsonToWire(signal, body) : body;
    if ('undecodable' in wire) return rejectAll(signal, wire.reason, 0);
    const sent = countItems(signal, wire) ?? 0;
    counters.sent += sent;
    counters.inFlight += sent;
    try {
      return await take({ signal, encoding, body, wire, sent });
    } finally {
      counters.inFlight -= sent;
    }
  };

  return {
    counters: ledger.counters,
    accept: (signal, body, encoding) => turns.run(body.length, () => accept(signal, body, encoding)),
  };
}

function unmeasured(reason: RefusalReason): number {
  return UNMEASURED_RETRY_MS[reason];
}
