import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LAYOUTS, SIGNALS, type Batch } from '../../proto/columns/index.ts';
import { createDecoder } from '../decode/index.ts';
import { encodeRequest, loadDecoderModule, loadRequestTypes, randomRequests } from '../reference/index.ts';
import { columnsIn } from './index.ts';

function plain(column: unknown): unknown {
  if (ArrayBuffer.isView(column)) return Array.from(column as unknown as ArrayLike<number | bigint>, String);
  return Object.fromEntries(Object.entries(column as object).map(([name, value]) => [name, plain(value)]));
}

function expectSame(batch: Batch): void {
  const again = columnsIn(batch.signal, batch.buffer, batch.rowCount, batch.zeroArrays) as Record<
    string,
    unknown
  >;
  const columns = batch.columns as unknown as Record<string, unknown>;
  // From the last to the first: a column does not need those before it.
  for (const name of Object.keys(LAYOUTS[batch.signal]).reverse()) {
    expect({ [name]: plain(again[name]) }).toEqual({ [name]: plain(columns[name]) });
  }
}

describe('columnsIn', () => {
  it.each(SIGNALS)('finds every column of %s again, from both decoders', async (signal) => {
    const types = await loadRequestTypes();
    const decoders = [createDecoder(), createDecoder({ module: await loadDecoderModule() })];
    fc.assert(
      fc.property(randomRequests(signal), (request) => {
        for (const decoder of decoders) {
          const decoded = decoder.decode(signal, encodeRequest(types[signal], request));
          if ('undecodable' in decoded) throw new Error(decoded.reason);
          for (const { batch } of decoded.batches) expectSame(batch);
        }
        expect(decoders).toHaveLength(2);
      }),
      { numRuns: 60 },
    );
  });
});
