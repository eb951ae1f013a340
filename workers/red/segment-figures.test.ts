import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Batch, ServiceKey } from '../../proto/columns/index.ts';
import { createDecoder, jsonToWire, type Decoder } from '../decode/index.ts';
import { durationBucket } from './duration-bucket.ts';
import { SegmentFigures, type Figures } from './segment-figures.ts';

const SECOND = 1_000_000_000n;

interface Span {
  readonly service: string;
  readonly name: string;
  readonly kind: number;
  readonly hasParent: boolean;
  readonly isError: boolean;
  readonly startNano: bigint;
  readonly durationNano: number;
}

/** Around the borders of seconds, where a double of nanoseconds cannot tell them apart. */
const startNano = fc
  .tuple(
    fc.constantFrom(0n, 59n, 1_700_000_040n, 1_790_000_000n, 18_446_744_060n),
    fc.bigInt(0n, 3n),
    fc.bigInt(-3n, 3n),
  )
  .map(([second, more, nanos]) => {
    const start = (second + more) * SECOND + nanos;
    return start < 0n ? 0n : start;
  });

const span: fc.Arbitrary<Span> = fc.record({
  service: fc.constantFrom('cart', 'pay'),
  name: fc.constantFrom('GET /', 'query'),
  kind: fc.integer({ min: 0, max: 6 }),
  hasParent: fc.boolean(),
  isError: fc.boolean(),
  startNano,
  durationNano: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 2 ** 31 })),
});

function batchesOf(
  decoder: Decoder,
  spans: readonly Span[],
): readonly { readonly service: ServiceKey; readonly batch: Batch }[] {
  const json = {
    resourceSpans: spans.map((each) => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: each.service } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: 'ab'.repeat(16),
              spanId: 'cd'.repeat(8),
              ...(each.hasParent ? { parentSpanId: 'ef'.repeat(8) } : {}),
              name: each.name,
              kind: each.kind,
              startTimeUnixNano: String(each.startNano),
              endTimeUnixNano: String(each.startNano + BigInt(each.durationNano)),
              status: { code: each.isError ? 2 : 0 },
            },
          ],
        },
      ],
    })),
  };
  const wire = jsonToWire('traces', Buffer.from(JSON.stringify(json)));
  if ('undecodable' in wire) throw new Error(wire.reason);
  const decoded = decoder.decode('traces', wire);
  if ('undecodable' in decoded) throw new Error(decoded.reason);
  expect(decoded.rejected).toBe(0);
  return decoded.batches;
}

type Row = readonly [spans: number, requests: number, errors: number, durations: string];

function expected(spans: readonly Span[], keyOf: (span: Span) => string): Record<string, Row> {
  const groups: Record<string, Span[]> = {};
  for (const each of spans) (groups[keyOf(each)] ??= []).push(each);
  return Object.fromEntries(
    Object.entries(groups).map(([key, group]) => {
      const requests = group.filter(({ kind, hasParent }) => kind === 2 || kind === 5 || !hasParent);
      const buckets = requests.map(({ durationNano }) => durationBucket(durationNano)).sort((a, b) => a - b);
      return [
        key,
        [group.length, requests.length, requests.filter(({ isError }) => isError).length, String(buckets)],
      ];
    }),
  );
}

function found<Each extends Figures>(
  rows: readonly Each[],
  keyOf: (row: Each) => string,
): Record<string, Row> {
  const byKey = rows.map((row): [string, Row] => {
    const counts = row.durations.counts();
    const buckets = row.durations
      .buckets()
      .flatMap((bucket, i) => Array<number>(counts[i] ?? 0).fill(bucket));
    return [keyOf(row), [row.spans, row.requests, row.errors, String(buckets)]];
  });
  expect(new Set(byKey.map(([key]) => key)).size).toBe(rows.length);
  return Object.fromEntries(byKey);
}

describe('figures of a segment', () => {
  it('are those of its spans: of services by second, of operations by minute', () => {
    const decoder = createDecoder();
    fc.assert(
      fc.property(fc.array(fc.array(span, { minLength: 1, maxLength: 30 }), { maxLength: 4 }), (requests) => {
        const figures = new SegmentFigures(1_000);
        for (const request of requests) {
          for (const { service, batch } of batchesOf(decoder, request)) {
            figures.add(service, batch as Batch<'traces'>);
          }
        }
        const all = requests.flat();
        expect(
          found(figures.taken?.seconds ?? [], ({ service, second }) => `${service.name} ${second}`),
        ).toEqual(expected(all, (each) => `${each.service} ${each.startNano / SECOND}`));
        expect(
          found(
            figures.taken?.minutes ?? [],
            ({ service, name, kind, second }) => `${service.name} ${name} ${kind} ${second}`,
          ),
        ).toEqual(
          expected(
            all,
            ({ service, name, kind, startNano: start }) =>
              `${service} ${name} ${kind} ${(start / SECOND / 60n) * 60n}`,
          ),
        );
      }),
    );
  });

  it.each(['operations', 'seconds'])('are not given when %s are too many', (what) => {
    const spans = Array.from({ length: 21 }, (_, i) => ({
      service: 'cart',
      name: what === 'operations' ? `operation ${i}` : 'GET /',
      kind: 2,
      hasParent: false,
      isError: false,
      startNano: what === 'seconds' ? BigInt(i) * SECOND : 0n,
      durationNano: 5,
    }));
    const figuresOf = (some: readonly Span[]): SegmentFigures => {
      const figures = new SegmentFigures(20);
      for (const { service, batch } of batchesOf(createDecoder(), some)) {
        figures.add(service, batch as Batch<'traces'>);
      }
      return figures;
    };
    expect(figuresOf(spans.slice(0, 20)).taken).toBeDefined();
    expect(figuresOf(spans).taken).toBeUndefined();
  });
});
