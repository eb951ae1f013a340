import fc from 'fast-check';
import {
  EVERYTHING,
  type AggregateQuery,
  type GroupField,
  type NumberField,
  type SearchSignal,
} from '../../proto/query/index.ts';
import type { AggregateState } from '../aggregate/index.ts';
import { parseSearch } from '../search/index.ts';
import type { NaiveCell } from './naive-aggregate.ts';
import { searchLines, WORLD_MS } from './small-world.ts';

const KEYS = ['user.id', 'http.route', 'size', 'Ключ'];
const owner = fc.constantFrom('any', 'item', 'resource', 'scope' as const);
const attribute = fc.record({
  type: fc.constant('attribute' as const),
  owner,
  key: fc.constantFrom(...KEYS),
});
const field = (signal: SearchSignal): fc.Arbitrary<GroupField> =>
  fc.oneof<fc.Arbitrary<GroupField>[]>(
    attribute,
    fc.constantFrom<GroupField>(
      { type: 'service', part: 'name' },
      { type: 'service', part: 'namespace' },
      { type: 'scope', part: 'name' },
      { type: 'trace' },
      ...(signal === 'traces'
        ? ([
            { type: 'string', column: 'name' },
            { type: 'number', column: 'kind' },
            { type: 'number', column: 'statusCode' },
          ] as const)
        : ([
            { type: 'string', column: 'eventName' },
            { type: 'number', column: 'severityNumber' },
          ] as const)),
    ),
  );
const number = fc.oneof<fc.Arbitrary<NumberField>[]>(
  attribute,
  fc.constant<NumberField>({ type: 'duration' }),
);

/** Aggregates of the small world. */
export function aggregateQueries(signal: SearchSignal): fc.Arbitrary<AggregateQuery> {
  return fc
    .record({
      line: fc.oneof(fc.constant(''), searchLines(signal)),
      from: fc.integer({ min: 0, max: WORLD_MS / 2 }),
      width: fc.integer({ min: 1, max: WORLD_MS }),
      groupBy: fc.array(field(signal), { maxLength: 3 }),
      numbers: fc.array(number, { maxLength: 2 }),
      distincts: fc.array(field(signal), { maxLength: 2 }),
      bucketMs: fc.option(fc.integer({ min: 10, max: 500 }), { nil: undefined }),
    })
    .map(({ line, from, width, groupBy, numbers, distincts, bucketMs }) => {
      const parsed = parseSearch(line, signal);
      return {
        signal,
        search: 'expression' in parsed ? parsed.expression : EVERYTHING,
        range: { fromUnixNano: BigInt(from) * 1_000_000n, toUnixNano: BigInt(from + width) * 1_000_000n },
        groupBy,
        numbers,
        distincts,
        ...(bucketMs === undefined ? {} : { bucketNano: BigInt(bucketMs) * 1_000_000n }),
      };
    });
}

const QUANTILES = [0.5, 0.99];

/** Two lists to be compared for equality; quantiles and sums stand for their exact ones where they are close enough. */
export function comparable(
  state: AggregateState,
  naive: readonly NaiveCell[],
): { readonly found: unknown[]; readonly expected: unknown[] } {
  const exact = new Map(naive.map((cell) => [nameOf(cell), cell]));
  const found = state.cells.map((cell) => {
    const numbers = cell.numbers.map((each, index) => {
      const sorted = (exact.get(nameOf(cell))?.numbers[index] ?? []).toSorted((a, b) => a - b);
      return {
        count: each.count,
        sum: near(each.sum, sum(sorted), 1e-9),
        min: each.min,
        max: each.max,
        quantiles: QUANTILES.map((q) => near(each.quantile(q), rankOf(sorted, q), 0.01)),
      };
    });
    const distincts = exact.get(nameOf(cell))?.texts.map(({ size }, index) => {
      // Two texts may share a register.
      const estimate = cell.distinct(index);
      return Math.abs(estimate - size) <= 2 + 0.05 * size ? size : estimate;
    });
    return [nameOf(cell), cell.count, numbers, distincts];
  });
  const expected = naive.map((cell) => {
    const numbers = cell.numbers.map((all) => {
      const sorted = all.toSorted((a, b) => a - b);
      return {
        count: sorted.length,
        sum: sum(sorted),
        min: sorted[0] ?? Infinity,
        max: sorted.at(-1) ?? -Infinity,
        quantiles: QUANTILES.map((q) => rankOf(sorted, q)),
      };
    });
    return [nameOf(cell), cell.count, numbers, cell.texts.map(({ size }) => size)];
  });
  return { found: byName(found), expected: byName(expected) };
}

function nameOf({ key, bucket }: Pick<NaiveCell, 'key' | 'bucket'>): string {
  return JSON.stringify([bucket, ...key]);
}

function byName(cells: unknown[][]): unknown[][] {
  return cells.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

function near(value: number | undefined, exact: number | undefined, share: number): number | undefined {
  if (value === undefined || exact === undefined) return value;
  return Math.abs(value - exact) <= Math.abs(exact) * share ? exact : value;
}

function rankOf(sorted: readonly number[], q: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
