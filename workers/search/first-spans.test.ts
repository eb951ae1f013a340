import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Batch } from '../../proto/columns/index.ts';
import { compareSpans, FirstSpans, type FoundSpan } from './first-spans.ts';

const span = fc.record({ start: fc.bigInt({ min: 0n, max: 5n }), id: fc.integer({ min: 0, max: 255 }) });

const batchOf = (spans: readonly { readonly start: bigint; readonly id: number }[]): Batch<'traces'> =>
  ({
    columns: {
      startTimeUnixNano: BigUint64Array.from(spans, ({ start }) => start + (1n << 60n)),
      spanId: Uint8Array.from(spans.flatMap(({ id }) => [id, 0, 0, 0, 0, 0, 0, 1])),
    },
  }) as unknown as Batch<'traces'>;

it('keeps those that start first, of one start by id, whatever the order they come in', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(span, { maxLength: 20 }), { maxLength: 4 }),
      fc.integer({ min: 1, max: 30 }),
      (batches, limit) => {
        const first = new FirstSpans(limit);
        const all: FoundSpan[] = [];
        for (const [place, spans] of batches.entries()) {
          const batch = batchOf(spans);
          for (let row = 0; row < spans.length; row += 1) {
            first.add(batch, place, row);
            all.push({ batch, place, row });
          }
        }
        const { places, rows } = first.take();
        const keysOf = (found: readonly { readonly place: number; readonly row: number }[]): string[] =>
          found
            .map(({ place, row }) => batches[place]?.[row])
            .map((one) => `${one?.start} ${String(one?.id).padStart(3, '0')}`)
            .sort();
        expect(keysOf(Array.from(places, (place, index) => ({ place, row: rows[index] ?? 0 })))).toEqual(
          keysOf(all.sort(compareSpans)).slice(0, limit),
        );
      },
    ),
  );
});
