import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DURATION_GAMMA, type ServiceBatch } from '../../proto/columns/index.ts';
import type { SearchExpression, SearchSignal } from '../../proto/query/index.ts';
import {
  aggregateQueries,
  comparable,
  itemsOf,
  naiveAggregate,
  naiveMatches,
  naiveValueCounts,
  searchLines,
  smallWorld,
} from '../reference/index.ts';
import { createDecoder, jsonToWire } from '../decode/index.ts';
import { parseSearch } from '../search/index.ts';
import { estimateDistinct, rankOf, registerOf, xxHash32 } from './distinct-sketch.ts';
import { aggregateRows, AggregateState, countValues, FieldTally, rankDifferences } from './index.ts';
import { bucketValue, histogramBucket, histogramQuantile, signedBucket } from './log-histogram.ts';

const RANGE = { fromUnixNano: 0n, toUnixNano: 2n ** 62n };

describe.each(['traces', 'logs'] as const)('aggregates of %s', (signal: SearchSignal) => {
  it('are what the plain way finds, in whatever shares they are made', () => {
    let cells = 0;
    fc.assert(
      fc.property(
        fc.array(smallWorld(signal), { minLength: 1, maxLength: 3 }),
        aggregateQueries(signal),
        (worlds, query) => {
          const state = new AggregateState(query);
          for (const batches of worlds) state.merge(aggregateRows(query, { batches }));
          const { found, expected } = comparable(
            state,
            naiveAggregate(query, worlds.flat().flatMap(itemsOf)),
          );
          cells += expected.length;
          expect(found).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
    expect(cells).toBeGreaterThan(500);
  });

  it('of some groups are theirs', () => {
    fc.assert(
      fc.property(
        smallWorld(signal),
        aggregateQueries(signal),
        fc.nat({ max: 3 }),
        (batches, query, count) => {
          const naive = naiveAggregate(query, batches.flatMap(itemsOf));
          const only = naive.slice(0, count).map(({ key }) => key);
          const names = new Set(only.map((key) => JSON.stringify(key)));
          const state = new AggregateState(query);
          state.merge(aggregateRows({ ...query, only }, { batches }));
          const expected = naive.filter(({ key }) => names.has(JSON.stringify(key)));
          const compared = comparable(state, query.groupBy.length === 0 ? naive : expected);
          expect(compared.found).toEqual(compared.expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('count values as the plain way does', () => {
    fc.assert(
      fc.property(
        fc.array(smallWorld(signal), { minLength: 1, maxLength: 3 }),
        fc.array(searchLines(signal), { minLength: 1, maxLength: 2 }),
        (worlds, lines) => {
          expectCountsOfPlainWay(
            signal,
            worlds,
            lines.map((line) => expressionOf(line, signal)),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('count values of those that are meant and of all others as the plain way does', () => {
    fc.assert(
      fc.property(
        fc.array(smallWorld(signal, 20), { minLength: 1, maxLength: 3 }),
        searchLines(signal),
        (worlds, line) => {
          const meant = expressionOf(line, signal);
          expectCountsOfPlainWay(signal, worlds, [meant, { type: 'not', operand: meant }]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('cut what is rare, and say so', () => {
    fc.assert(
      fc.property(smallWorld(signal, 20), fc.integer({ min: 1, max: 3 }), (batches, mostValues) => {
        const selections = [{ search: { type: 'everything' } as const, range: RANGE }];
        const whole = countValues({ signal, selections, mostValues: 1_000 }, { batches });
        const cut = countValues({ signal, selections, mostValues }, { batches });
        for (const { field, present, values, isCut } of cut.fields) {
          const all = whole.fields.find((each) => each.field === field);
          expect(present).toEqual(all?.present);
          expect(values.length).toBeLessThanOrEqual(mostValues);
          // Two values of one text, such as a number and its digits, are told apart until then.
          if (!isCut) expect(values).toEqual(all?.values);
          else expect(sumOf(values)).toBeLessThanOrEqual(present[0] ?? 0);
        }
        expect(cut.totals).toEqual(whole.totals);
      }),
      { numRuns: 200 },
    );
  });
});

function expressionOf(line: string, signal: SearchSignal): SearchExpression {
  const parsed = parseSearch(line, signal);
  if ('error' in parsed) throw new Error(parsed.error.expected);
  return parsed.expression;
}

function expectCountsOfPlainWay(
  signal: SearchSignal,
  worlds: readonly (readonly ServiceBatch[])[],
  searches: readonly SearchExpression[],
): void {
  const selections = searches.map((search) => ({ search, range: RANGE }));
  const items = worlds.flat().flatMap(itemsOf);
  const selected = searches.map((search) => items.filter((item) => naiveMatches(search, item)));
  const tally = new FieldTally(searches.length);
  for (const batches of worlds) {
    tally.merge(countValues({ signal, selections, mostValues: 1_000 }, { batches }).fields);
  }
  const found = tally
    .take(1_000)
    .flatMap(({ field, values }) =>
      values.map(({ value, counts }) => JSON.stringify([field, value, counts])),
    );
  const expected = naiveValueCounts(selected).map((each) => JSON.stringify(each));
  expect(found.sort()).toEqual(expected.sort());
}

function sumOf(values: readonly { readonly counts: readonly number[] }[]): number {
  return values.reduce((sum, { counts }) => sum + (counts[0] ?? 0), 0);
}

describe('the histogram', () => {
  it('knows every number within 1 %', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e300, max: 1e300 }), (double) => {
        const value = Math.abs(double) < 1e-300 ? 0 : double;
        const found = bucketValue(histogramBucket(value));
        expect(Math.abs(found - value)).toBeLessThanOrEqual(Math.abs(value) * 0.01);
      }),
    );
  });

  it('finds by look-up what the logarithm says', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, min: 0.5, max: 2 ** 45 }),
        fc.nat({ max: 1_500 }),
        (value, power) => {
          expect(histogramBucket(value)).toBe(signedBucket(value));
          const border = DURATION_GAMMA ** power;
          for (const near of [
            border,
            border * (1 + 2 ** -50),
            border * (1 - 2 ** -50),
            border * 1.000_000_01,
          ]) {
            expect(histogramBucket(near)).toBe(signedBucket(near));
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('orders negative numbers, zero and positive ones', () => {
    const counts = new Map([-100, -1, 0, 0.5, 7, 7_000].map((value) => [histogramBucket(value), 1]));
    const quantiles = [0, 0.2, 0.5, 0.6, 0.8, 1].map((q) => histogramQuantile(counts, q) ?? NaN);
    for (const [index, value] of [-100, -1, 0, 0.5, 7, 7_000].entries()) {
      expect(Math.abs((quantiles[index] ?? NaN) - value)).toBeLessThanOrEqual(Math.abs(value) * 0.01);
    }
    expect(histogramQuantile(new Map(), 0.5)).toBeUndefined();
  });
});

describe('attributes of events and scopes', () => {
  const event = (...pairs: readonly [string, string][]): object => ({
    name: 'e',
    attributes: pairs.map(([key, stringValue]) => ({ key, value: { stringValue } })),
  });
  const many = Array.from({ length: 30 }, (_, i) => event(['n', String(i)], ['type', 'io']));

  it.each([
    ['few', [event(['type', 'io'], ['n', '1']), event(['type', 'io']), event(['type', 'net'])], 1],
    ['many', many, 30],
  ])('of %s events count once a span and value', (_, events, values) => {
    const spans = [events, [], events].map((own, i) => ({
      traceId: 'ab'.repeat(16),
      spanId: `${i + 1}`.padStart(16, '0'),
      name: 'op',
      startTimeUnixNano: '1',
      endTimeUnixNano: '2',
      events: own,
    }));
    const attributes = [
      { key: 'name', value: { stringValue: 'hidden' } },
      { key: 'tier', value: { stringValue: 'gold' } },
    ];
    const scopeSpans = [{ scope: { name: 'lib', attributes }, spans }];
    const wire = jsonToWire('traces', Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans }] })));
    const decoded = 'undecodable' in wire ? wire : createDecoder().decode('traces', wire);
    if ('undecodable' in decoded) throw new Error(decoded.reason);
    const all = { search: { type: 'everything' }, range: RANGE } as const;
    const { batches } = decoded;
    const counted = countValues({ signal: 'traces', selections: [all, all], mostValues: 100 }, { batches });
    const countsOf = (field: string) => counted.fields.find((each) => each.field === field)?.values ?? [];
    expect(countsOf('event.type')).toContainEqual({ value: 'io', counts: [2, 2] });
    expect(countsOf('event.n')).toHaveLength(values);
    expect(countsOf('event.n')).toContainEqual({ value: '1', counts: [2, 2] });
    expect(countsOf('scope.tier')).toEqual([{ value: 'gold', counts: [3, 3] }]);
    expect(countsOf('scope.name')).toEqual([{ value: 'lib', counts: [3, 3] }]);
  });
});

describe('the count of distinct texts', () => {
  it('hashes as xxHash32 does', () => {
    // From the reference implementation.
    const known = {
      '': 0x02cc_5d05,
      a: 0x550d_7456,
      abc: 0x32d1_53ff,
      'Nobody inspects the spammish repetition': 0xe229_3b2f,
    };
    for (const [text, hash] of Object.entries(known)) expect(xxHash32(Buffer.from(text))).toBe(hash);
  });

  it.each([0, 1, 100, 5_000, 200_000])('is near %i', (count) => {
    const ranks = new Map<number, number>();
    for (let number = 0; number < count; number += 1) {
      const hash = xxHash32(Buffer.from(`text ${number}`));
      ranks.set(registerOf(hash), Math.max(ranks.get(registerOf(hash)) ?? 0, rankOf(hash)));
    }
    const estimate = estimateDistinct(ranks.values());
    // Three standard errors.
    expect(Math.abs(estimate - count)).toBeLessThanOrEqual(count * 0.05);
  });
});

describe('rankDifferences', () => {
  it('puts first what tells the selections apart, and not what is always new', () => {
    const ids = Array.from({ length: 100 }, (_, id) => ({
      value: `id ${id}`,
      counts: id % 2 === 0 ? [1, 0] : [0, 1],
    }));
    const differing = rankDifferences(
      {
        totals: [50, 50],
        fields: [
          { field: 'request.id', present: [50, 50], values: ids, isCut: false },
          { field: 'same', present: [50, 50], values: [{ value: 'x', counts: [50, 50] }], isCut: false },
          {
            field: 'version',
            present: [50, 50],
            values: [
              { value: 'new', counts: [45, 5] },
              { value: 'old', counts: [5, 45] },
            ],
            isCut: false,
          },
          { field: 'retry', present: [25, 0], values: [{ value: 'yes', counts: [25, 0] }], isCut: false },
        ],
      },
      5,
    );
    expect(differing.map(({ field, difference }) => [field, Math.round(100 * difference) / 100])).toEqual([
      ['version', 0.7],
      ['retry', 0.41],
      ['request.id', 0],
      ['same', 0],
    ]);
    expect(differing[0]?.values[0]).toEqual({ value: 'new', shares: [0.9, 0.1] });
  });
});
