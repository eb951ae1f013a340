import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { SIGNALS, type ServiceBatch, type Signal } from '../../proto/columns/index.ts';
import { createDecoder } from '../decode/index.ts';
import {
  encodeRequest,
  loadDecoderModule,
  loadRequestTypes,
  randomRequests,
  rowsOf,
} from '../reference/index.ts';
import { columnsIn, joinBatches } from './index.ts';

const keyOf = ({ service }: ServiceBatch): string => JSON.stringify(Object.values(service));

describe('joinBatches', () => {
  let types: Awaited<ReturnType<typeof loadRequestTypes>>;
  let module: WebAssembly.Module;
  beforeAll(async () => {
    types = await loadRequestTypes({ stringIndexes: false });
    module = await loadDecoderModule();
  });

  /** What a decoder answers to requests that came one after the other, by service. */
  const decoded = (
    signal: Signal,
    requests: readonly Record<string, unknown>[],
    inWasm: boolean,
  ): Map<string, ServiceBatch[]> => {
    const decoder = createDecoder(inWasm ? { module } : {});
    const services = new Map<string, ServiceBatch[]>();
    for (const request of requests) {
      const answer = decoder.decode(signal, encodeRequest(types[signal], request));
      if ('undecodable' in answer) throw new Error(answer.reason);
      for (const batch of answer.batches) {
        services.set(keyOf(batch), [...(services.get(keyOf(batch)) ?? []), batch]);
      }
    }
    return services;
  };
  const plainRows = (batches: readonly ServiceBatch[]): unknown[] =>
    batches.flatMap((each) => {
      const rows = rowsOf({
        signal: each.batch.signal,
        batches: [each],
        accepted: each.batch.rowCount,
        rejected: 0,
        rejections: new Map(),
        warnings: new Map(),
      });
      return Object.values(rows.byService).flat();
    });

  it.each(SIGNALS.flatMap((signal) => [true, false].map((inWasm) => ({ signal, inWasm }))))(
    'has all rows of $signal in their order, and a thread finds them again (WebAssembly: $inWasm)',
    ({ signal, inWasm }) => {
      let joinedSome = 0;
      fc.assert(
        fc.property(fc.array(randomRequests(signal), { minLength: 4, maxLength: 10 }), (requests) => {
          for (const batches of decoded(signal, requests, inWasm).values()) {
            const [first] = batches;
            if (!first) throw new Error('a service without batches');
            const before = plainRows(batches);
            const joined = joinBatches(batches.map(({ batch }) => batch));
            if (batches.length > 1) joinedSome += 1;
            expect(plainRows([{ service: first.service, batch: joined }])).toEqual(before);
            const { buffer, rowCount, zeroArrays } = joined;
            const found = { ...joined, columns: columnsIn(signal, buffer, rowCount, zeroArrays) };
            expect(plainRows([{ service: first.service, batch: found }])).toEqual(before);
            expect(plainRows(batches)).toEqual(before);
            const times = batches.map(({ batch }) => batch);
            expect(times.every(({ minTimeUnixNano }) => minTimeUnixNano >= joined.minTimeUnixNano)).toBe(
              true,
            );
            expect(times.some(({ minTimeUnixNano }) => minTimeUnixNano === joined.minTimeUnixNano)).toBe(
              true,
            );
            expect(times.every(({ maxTimeUnixNano }) => maxTimeUnixNano <= joined.maxTimeUnixNano)).toBe(
              true,
            );
            expect(times.some(({ maxTimeUnixNano }) => maxTimeUnixNano === joined.maxTimeUnixNano)).toBe(
              true,
            );
          }
        }),
        { numRuns: 60 },
      );
      expect(joinedSome).toBeGreaterThan(10);
    },
  );

  it('takes no room for what is zero in all of them', () => {
    const span = (flags: number): Record<string, unknown> => ({
      resourceSpans: [
        {
          scopeSpans: [
            { spans: [{ traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 1), name: 'a', flags }] },
          ],
        },
      ],
    });
    const [batches = []] = decoded('traces', [span(0), span(7), span(0)], true).values();
    const joined = joinBatches(batches.map(({ batch }) => batch));
    expect([...(joined.columns as { flags: Uint32Array }).flags]).toEqual([0, 7, 0]);
    const [zeros = []] = decoded('traces', [span(0), span(0), span(0)], true).values();
    const sizes = [joined, joinBatches(zeros.map(({ batch }) => batch))].map(
      ({ buffer }) => buffer.byteLength,
    );
    expect((sizes[0] ?? 0) - (sizes[1] ?? 0)).toBe(16);
  });

  it('refuses what has no codes in common', () => {
    const span = { resourceSpans: [] };
    expect(() => joinBatches([])).toThrow('no batches');
    const request = {
      resourceSpans: [
        {
          scopeSpans: [{ spans: [{ traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 1), name: 'a' }] }],
        },
      ],
    };
    const [one = []] = decoded('traces', [request, span], true).values();
    const [other = []] = decoded('traces', [request], true).values();
    expect(() => joinBatches([...one, ...other].map(({ batch }) => batch))).toThrow('generations');
  });
});
