import { describe, expect, it } from 'vitest';
import { forgetfulArchive } from '../../actors/fixtures/index.ts';
import { insertSegment, StorageUnavailableError } from '../../actors/ports/index.ts';
import type { ServiceBatch } from '../../proto/columns/index.ts';
import { createDecoder, jsonToWire } from '../../workers/decode/index.ts';
import type { AppendOutcome, Journal } from '../journal/index.ts';
import { createIngest, Ledger, type RefusalReason } from './index.ts';

const SPAN = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), name: 'n' };

function bodyOf(...spans: readonly object[]): Uint8Array {
  return Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
}

function setUp(): {
  readonly ledger: Ledger;
  readonly ingest: ReturnType<typeof createIngest>;
  readonly delivered: ServiceBatch[];
  gate: RefusalReason | undefined;
  append: () => Promise<AppendOutcome>;
} {
  const ledger = new Ledger(1_000);
  const delivered: ServiceBatch[] = [];
  const state = {
    ledger,
    delivered,
    gate: undefined as RefusalReason | undefined,
    append: () => Promise.resolve<AppendOutcome>({ segment: 1 }),
  };
  const journal: Pick<Journal, 'append'> = {
    async append(_record, deliver) {
      const outcome = await state.append();
      if ('segment' in outcome) deliver(outcome.segment);
      return outcome;
    },
  };
  const ingest = createIngest({
    decoder: createDecoder(),
    journal: journal,
    ledger,
    deliver: (_segment, batches) => delivered.push(...batches),
    gate: () => state.gate,
    now: () => 0,
  });
  return Object.assign(state, { ingest });
}

describe('the ledger', () => {
  it('balances whatever becomes of requests', async () => {
    const state = setUp();
    const { ingest, ledger } = state;
    await ingest.accept('traces', bodyOf(SPAN, SPAN, { ...SPAN, name: '' }), 'json');
    state.gate = 'window-full';
    await ingest.accept('traces', bodyOf(SPAN, SPAN), 'json');
    state.gate = undefined;
    state.append = () => Promise.resolve({ refused: 'journal-full' });
    await ingest.accept('traces', bodyOf(SPAN, { ...SPAN, name: '' }), 'json');
    await ingest.accept('traces', Buffer.from('{'), 'json');
    expect(ledger.toJson().signals.traces).toEqual({
      requests: 4,
      undecodableRequests: 1,
      sent: 7,
      inFlight: 0,
      accepted: 2,
      rejected: { 'name-missing': 1 },
      refused: { 'window-full': 2, 'journal-full': 2 },
      repeated: 0,
      unexplained: 0,
      replayed: 0,
      archived: 0,
      waiting: 2,
    });
  });

  it('counts the items of a request that is broken within an item as rejected', async () => {
    const { ingest, ledger } = setUp();
    const wire = jsonToWire('traces', bodyOf(SPAN, SPAN));
    if ('undecodable' in wire) throw new Error(wire.reason);
    const name = wire.lastIndexOf(0x2a);
    wire[name + 1] = 0x7f;
    await ingest.accept('traces', wire, 'protobuf');
    expect(ledger.toJson().signals.traces).toMatchObject({
      sent: 2,
      rejected: { undecodable: 2 },
      unexplained: 0,
    });
  });

  it('holds what is being written apart', async () => {
    const state = setUp();
    let settle: (outcome: AppendOutcome) => void = () => undefined;
    state.append = () => new Promise((resolve) => (settle = resolve));
    const answer = state.ingest.accept('traces', bodyOf(SPAN), 'json');
    expect(state.ledger.toJson().signals.traces).toMatchObject({ sent: 1, inFlight: 1, unexplained: 0 });
    settle({ segment: 1 });
    await answer;
    expect(state.ledger.toJson().signals.traces).toMatchObject({ inFlight: 0, accepted: 1 });
  });

  it('counts as archived what the archive says it has', async () => {
    const { ingest, ledger, delivered } = setUp();
    await ingest.accept('traces', bodyOf(SPAN, SPAN), 'json');
    let isAway = true;
    const archive = ledger.countArchived(
      {
        archivedThrough: () => Promise.resolve(0),
        prepare: () =>
          Promise.resolve({
            insert: () =>
              isAway
                ? Promise.reject(new StorageUnavailableError('ClickHouse', new Error('away')))
                : Promise.resolve(),
          }),
      },
      0,
    );
    const segment = { number: 1, batches: delivered };
    await expect(insertSegment(archive, segment)).rejects.toThrow('away');
    expect(ledger.toJson().signals.traces).toMatchObject({ archived: 0, waiting: 2 });
    isAway = false;
    await insertSegment(archive, segment);
    expect(ledger.toJson().signals.traces).toMatchObject({ archived: 2, waiting: 0, replayed: 0 });
  });

  it('books what an earlier run accepted when it is archived', async () => {
    const { ingest, ledger, delivered } = setUp();
    await ingest.accept('traces', bodyOf(SPAN, SPAN), 'json');
    const archive = ledger.countArchived(forgetfulArchive(), 7);
    await insertSegment(archive, { number: 7, batches: delivered });
    expect(ledger.toJson().signals.traces).toMatchObject({ replayed: 2, archived: 2, waiting: 2 });
  });
});
