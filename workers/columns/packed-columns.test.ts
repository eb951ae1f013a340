import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SIGNALS, type Batch } from '../../proto/columns/index.ts';
import { createDecoder } from '../decode/index.ts';
import {
  encodeRequest,
  loadDecoderModule,
  loadRequestTypes,
  randomRequests,
  rowsOf,
} from '../reference/index.ts';
import { BatchBuilder, columnsByName, columnsIn, DictionaryGeneration, scanColumnsIn } from './index.ts';

function plain(column: unknown): unknown {
  if (ArrayBuffer.isView(column)) return Array.from(column as unknown as ArrayLike<number | bigint>, String);
  return Object.fromEntries(Object.entries(column as object).map(([name, value]) => [name, plain(value)]));
}

/** Asks for the columns of so many batches that others let go of theirs. */
function useOtherBatches(): void {
  const dictionary = new DictionaryGeneration().snapshot();
  const builder = new BatchBuilder('logs');
  const others: Batch[] = [];
  for (let i = 0; i < 600; i += 1) {
    builder.columns.flags.set(0, i);
    builder.commit();
    others.push(builder.publish(dictionary));
  }
  for (const { columns } of others) expect((columns as { flags?: Uint32Array }).flags).toHaveLength(1);
}

describe('columnsIn', () => {
  it.each(SIGNALS)('finds every column of %s in any order, from both decoders', async (signal) => {
    const types = await loadRequestTypes();
    const decoders = [createDecoder(), createDecoder({ module: await loadDecoderModule() })];
    fc.assert(
      fc.property(randomRequests(signal), (request) => {
        for (const decoder of decoders) {
          const decoded = decoder.decode(signal, encodeRequest(types[signal], request));
          if ('undecodable' in decoded) throw new Error(decoded.reason);
          for (const { batch } of decoded.batches) {
            const again = {
              ...batch,
              columns: columnsIn(signal, batch.buffer, batch.rowCount, batch.zeroArrays),
            };
            const inOrder = columnsByName(batch);
            // From the last to the first: a column does not need those before it.
            for (const name of Object.keys(inOrder).reverse() as (keyof typeof inOrder)[]) {
              expect({ [name]: plain(again.columns[name]) }).toEqual({ [name]: plain(inOrder[name]) });
            }
          }
        }
        expect(decoders).toHaveLength(2);
      }),
      { numRuns: 60 },
    );
  });

  it('makes views again that were let go', async () => {
    const types = await loadRequestTypes();
    const decoder = createDecoder();
    const [request] = fc.sample(randomRequests('traces'), { numRuns: 1, seed: 7 });
    const decoded = decoder.decode('traces', encodeRequest(types.traces, request ?? {}));
    if ('undecodable' in decoded) throw new Error(decoded.reason);
    const before = rowsOf(decoded);
    const views = decoded.batches.map(({ batch }) => batch.columns.traceId);
    expect(views.length).toBeGreaterThan(0);
    expect(decoded.batches.map(({ batch }) => batch.columns.traceId)).toEqual(views);
    useOtherBatches();
    for (const [i, { batch }] of decoded.batches.entries()) {
      expect(batch.columns.traceId).not.toBe(views[i]);
      expect(batch.columns.traceId).toBe(batch.columns.traceId);
    }
    expect(rowsOf(decoded)).toEqual(before);
  });

  it('keeps the views of a scan for as long as it has the columns', async () => {
    const decoder = createDecoder();
    const types = await loadRequestTypes();
    const [request] = fc.sample(randomRequests('traces'), { numRuns: 1, seed: 7 });
    const decoded = decoder.decode('traces', encodeRequest(types.traces, request ?? {}));
    if ('undecodable' in decoded) throw new Error(decoded.reason);
    const [{ batch } = { batch: undefined }] = decoded.batches;
    if (!batch) throw new Error('the request has no batch');
    const columns = scanColumnsIn('traces', batch.buffer, batch.rowCount, batch.zeroArrays);
    const { traceId } = columns;
    expect(plain(traceId)).toEqual(plain(columnsByName(batch).traceId));
    useOtherBatches();
    expect(columns.traceId).toBe(traceId);
  });
});
