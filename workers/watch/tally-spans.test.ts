import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServiceBatch } from '../../proto/columns/index.ts';
import { createDecoder, jsonToWire, type Decoder } from '../decode/index.ts';
import { bucketNanos, durationBucket } from '../red/index.ts';
import { tallySpans, type SpanTally } from './index.ts';

const CELL_MS = 2_000;
const ERROR = 2;

interface Span {
  readonly service: string;
  readonly version: string;
  readonly name: string;
  readonly kind: number;
  readonly hasParent: boolean;
  readonly startMs: number;
  readonly durationNano: number;
  readonly attributes: Readonly<Record<string, string>>;
  /** Type of the exception; undefined when the span did not fail. */
  readonly failure: string | undefined;
}

const span: fc.Arbitrary<Span> = fc.record({
  service: fc.constantFrom('cart', 'pay'),
  version: fc.constantFrom('1', '2'),
  name: fc.constantFrom('GET /', 'query', 'send'),
  kind: fc.integer({ min: 0, max: 6 }),
  hasParent: fc.boolean(),
  startMs: fc.integer({ min: 1_000, max: 9_000 }),
  durationNano: fc.oneof(fc.nat(3), fc.nat(2 ** 31 - 1), fc.integer({ min: 4_000_000, max: 6_000_000 })),
  attributes: fc.constantFrom<Record<string, string>>(
    {},
    { 'http.route': '/' },
    { 'server.address': 'a' },
    { 'peer.service': 'a', 'server.address': 'b' },
    { 'server.address': 'b', 'peer.service': 'a' },
    { 'http.route': '/x', 'db.system.name': 'redis' },
    { 'db.system.name': 'redis', 'db.namespace': '7', 'http.route': '/' },
  ),
  failure: fc.option(fc.constantFrom('', 'Timeout', 'Refused'), { nil: undefined }),
});

function strings(values: Readonly<Record<string, string>>): object[] {
  return Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

function toOtlp({ name, kind, hasParent, startMs, durationNano, attributes, failure }: Span): object {
  const startNano = BigInt(startMs) * 1_000_000n;
  const thrown = [{ name: 'exception', attributes: strings({ 'exception.type': failure ?? '' }) }];
  return {
    traceId: 'ab'.repeat(16),
    spanId: 'cd'.repeat(8),
    ...(hasParent && { parentSpanId: 'ef'.repeat(8) }),
    ...{ name, kind, attributes: strings(attributes) },
    startTimeUnixNano: String(startNano),
    endTimeUnixNano: String(startNano + BigInt(durationNano)),
    ...(failure !== undefined && { status: { code: ERROR }, events: failure === '' ? [] : thrown }),
  };
}

function batchesOf(decoder: Decoder, spans: readonly Span[]): readonly ServiceBatch[] {
  const resourceSpans = spans.map((each) => ({
    resource: { attributes: strings({ 'service.name': each.service, 'service.version': each.version }) },
    scopeSpans: [{ spans: [toOtlp(each)] }],
  }));
  const wire = jsonToWire('traces', Buffer.from(JSON.stringify({ resourceSpans })));
  if ('undecodable' in wire) throw new Error(wire.reason);
  const decoded = decoder.decode('traces', wire);
  if ('undecodable' in decoded) throw new Error(decoded.reason);
  expect(decoded.rejected).toBe(0);
  return decoded.batches;
}

/** A series as the plain way counts it. */
interface Counted {
  readonly of: string;
  requests: number;
  errors: number;
  readonly buckets: number[];
  readonly cells: Map<number, number>;
}

function peerIn(attributes: Readonly<Record<string, string>>): string | undefined {
  const database = attributes['db.system.name'];
  if (database !== undefined) {
    return `database:${[database, attributes['db.namespace']].filter((part) => part !== undefined).join(' ')}`;
  }
  const external = attributes['peer.service'] ?? attributes['server.address'];
  return external === undefined ? undefined : `external:${external}`;
}

function count(counted: Counted, { startMs, durationNano, failure }: Span): void {
  counted.requests += 1;
  if (failure !== undefined) counted.errors += 1;
  counted.buckets.push(durationBucket(durationNano));
  const second = Math.floor((startMs * 1e6 + durationNano) / 1e9);
  const cell = Math.floor((second * 1_000) / CELL_MS) * CELL_MS;
  counted.cells.set(cell, (counted.cells.get(cell) ?? 0) + 1);
}

/** Of each service its series, in the order in which they come up. */
function expectedSeries(requests: readonly (readonly Span[])[]): Counted[] {
  const services: Record<string, Record<string, Counted>> = {};
  const seriesOf = (service: string, kind: string, name: string): Counted =>
    ((services[service] ??= {})[`${kind} ${name}`] ??= {
      of: `${service} ${kind} ${name}`,
      requests: 0,
      errors: 0,
      buckets: [],
      cells: new Map(),
    });
  for (const spans of requests) {
    for (const service of new Set(spans.map((each) => each.service))) {
      const own = spans.filter((each) => each.service === service);
      const whole = seriesOf(service, 'service', '');
      for (const each of own.filter(({ kind, hasParent }) => kind === 2 || kind === 5 || !hasParent)) {
        count(whole, each);
        count(seriesOf(service, 'operation', each.name), each);
      }
      for (const each of own.filter(({ kind }) => kind === 3 || kind === 4)) {
        const peer = peerIn(each.attributes);
        if (peer !== undefined) count(seriesOf(service, 'peer', peer), each);
      }
    }
  }
  return Object.values(services).flatMap((series) => Object.values(series));
}

function foundSeries(tally: SpanTally): object[] {
  const { series, requests, errors, durationOffsets, nanos, weights, cellOffsets, cells, cellRequests } =
    tally;
  return series.map(({ service, kind, name }, at) => {
    const durations = [durationOffsets[at] ?? 0, durationOffsets[at + 1] ?? 0] as const;
    const places = [cellOffsets[at] ?? 0, cellOffsets[at + 1] ?? 0] as const;
    return {
      of: `${service.name} ${kind} ${name}`,
      requests: requests[at],
      errors: errors[at],
      durations: pairs(nanos.slice(...durations), weights.slice(...durations)),
      cells: pairs(cells.slice(...places), cellRequests.slice(...places)),
    };
  });
}

function pairs(keys: Float64Array, values: Float64Array): number[][] {
  return Array.from(keys, (key, at) => [key, values[at] ?? NaN]);
}

function weighed(buckets: readonly number[]): number[][] {
  const sorted = [...new Set(buckets)].sort((a, b) => a - b);
  return sorted.map((bucket) => [bucketNanos(bucket), buckets.filter((each) => each === bucket).length]);
}

/** How often each comes, in the order in which they come up. */
function tallied(texts: readonly string[]): string[] {
  return [...new Set(texts)].map((text) => `${text}: ${texts.filter((each) => each === text).length}`);
}

describe('spans are tallied', () => {
  it('as the plain way counts them, in its order', () => {
    fc.assert(
      fc.property(fc.array(fc.array(span, { minLength: 1, maxLength: 25 }), { maxLength: 4 }), (requests) => {
        const decoders = [createDecoder(), createDecoder()] as const;
        const batches = requests.flatMap((spans, at) => batchesOf(decoders[at % 2 === 0 ? 0 : 1], spans));
        const tally = tallySpans({ cellMs: CELL_MS }, { batches });
        expect(foundSeries(tally)).toEqual(
          expectedSeries(requests).map(({ buckets, cells, ...counted }) => ({
            ...counted,
            durations: weighed(buckets),
            cells: [...cells],
          })),
        );
        const inOrder = requests.flatMap((spans) =>
          [...new Set(spans.map(({ service }) => service))].flatMap((service) =>
            spans.filter((each) => each.service === service),
          ),
        );
        expect(
          tally.exceptions.map(
            ({ service, operation, exceptionType, count: failures }) =>
              `${service.name} ${operation} ${exceptionType}: ${failures}`,
          ),
        ).toEqual(
          tallied(
            inOrder
              .filter(({ failure }) => failure !== undefined)
              .map(({ service, name, failure }) => `${service} ${name} ${failure}`),
          ),
        );
        expect(tally.resources.map(({ service, version }) => `${service.name} ${version}`)).toEqual([
          ...new Set(inOrder.map(({ service, version }) => `${service} ${version}`)),
        ]);
        expect(
          tally.attributes.map(({ service, spans, sampled, keys }) => [
            service.name,
            spans,
            sampled,
            [...keys],
          ]),
        ).toEqual(
          [...new Set(inOrder.map(({ service }) => service))].map((service) => {
            const own = inOrder.filter((each) => each.service === service);
            const keys = new Map<string, number>();
            for (const key of own.flatMap(({ attributes }) => Object.keys(attributes))) {
              keys.set(key, (keys.get(key) ?? 0) + 1);
            }
            return [service, own.length, own.length, [...keys]];
          }),
        );
      }),
    );
  });

  it('in a bounded number of series: calls beyond it, too, are other operations', () => {
    const decoder = createDecoder();
    const like = {
      ...{ service: 'cart', version: '1', hasParent: false, startMs: 1_000, durationNano: 5 },
      ...{ attributes: {}, failure: undefined },
    };
    const spans = Array.from({ length: 1_100 }, (_, at) => ({ ...like, name: `operation ${at}`, kind: 2 }));
    const calls = Array.from({ length: 20 }, (_, at) => ({
      ...{ ...like, name: 'query', kind: 3, hasParent: true },
      attributes: { 'server.address': `host ${at % 2}` },
    }));
    const tally = tallySpans({ cellMs: CELL_MS }, { batches: batchesOf(decoder, [...spans, ...calls]) });
    expect(tally.series).toHaveLength(1_001);
    const others = tally.series.findIndex(({ name }) => name === '(other operations)');
    expect(tally.series[others]).toMatchObject({ kind: 'operation', peer: undefined });
    expect([tally.requests[0], tally.requests[others]]).toEqual([1_100, 101 + 20]);
    expect([tally.cellRequests[0], tally.cellRequests[others]]).toEqual([1_100, 101 + 20]);
  });
});
