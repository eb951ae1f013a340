import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Batch } from '../../proto/columns/index.ts';
import { smallWorld } from '../reference/index.ts';
import { isAllZeros } from './all-zeros.ts';

it('tells columns of zeros and of empty lists, as their views do', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(smallWorld('traces'), (parts) => {
      for (const part of parts) {
        const batch = part.batch as Batch<'traces'>;
        const { columns, rowCount } = batch;
        for (const column of ['attributes', 'events', 'links'] as const) {
          const isEmpty = columns[column].offsets[rowCount] === 0;
          expect(isAllZeros(batch, column)).toBe(isEmpty);
          seen.add(`${column} ${isEmpty}`);
        }
        expect(isAllZeros(batch, 'kind')).toBe(columns.kind.every((kind) => kind === 0));
        expect(isAllZeros(batch, 'statusCode')).toBe(columns.statusCode.every((code) => code === 0));
      }
    }),
  );
  expect(seen).toContain('events true');
  expect(seen).toContain('events false');
});
