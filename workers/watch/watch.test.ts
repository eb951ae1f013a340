import { describe, expect, it } from 'vitest';
import { createDecoder, jsonToWire } from '../decode/index.ts';
import type { ServiceBatch, Signal } from '../../proto/columns/index.ts';
import { newChange, newSeries, newVerdict } from '../kernels/detect/index.ts';
import { countLogs, PointKind, sampleSpans, tallyPoints, tallySpans } from './index.ts';
import { POINT_TEST_SIZE, testPoint } from './point-test.ts';

const decoder = createDecoder();

type Attributes = Readonly<Record<string, string>>;

function strings(values: Attributes): object[] {
  return Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

function decoded(signal: Signal, request: object): readonly ServiceBatch[] {
  const wire = jsonToWire(signal, Buffer.from(JSON.stringify(request)));
  if ('undecodable' in wire) throw new Error(wire.reason);
  const result = decoder.decode(signal, wire);
  if ('undecodable' in result) throw new Error(result.reason);
  return result.batches;
}

function placed(batches: readonly ServiceBatch[]): (ServiceBatch & { readonly place: number })[] {
  return batches.map((batch, place) => ({ ...batch, place }));
}

function spansOf(spans: readonly object[], resource: Attributes = {}): readonly ServiceBatch[] {
  const attributes = strings({ 'service.name': 'shop', ...resource });
  return decoded('traces', { resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans }] }] });
}

function span(values: Record<string, unknown>): object {
  const { id = 1, trace = 1, startMs = 1_000, ms = 10, ...others } = values as Record<string, number>;
  return {
    traceId: trace.toString(16).padStart(32, '0'),
    spanId: id.toString(16).padStart(16, '0'),
    name: 'GET /',
    kind: 2,
    startTimeUnixNano: `${startMs}000000`,
    endTimeUnixNano: `${startMs + ms}000000`,
    ...others,
  };
}

describe('spans are counted', () => {
  it('by the attributes that a sample of them has, whichever service they are of', () => {
    const attributes = strings({ 'http.route': '/cart' });
    const many = Array.from({ length: 100 }, (_, at) =>
      span({ id: at + 1, ...(at % 2 === 0 && { attributes }) }),
    );
    const tally = tallySpans({ cellMs: 2_000 }, { batches: spansOf(many) });
    expect(tally.attributes).toEqual([
      expect.objectContaining({ spans: 100, sampled: 25, keys: new Map([['http.route', 25]]) }),
    ]);
  });

  it('by operation and by what is called, failures with their types', () => {
    const failed = {
      status: { code: 2 },
      events: [
        {
          name: 'exception',
          attributes: strings({ 'exception.type': 'Timeout', 'exception.message': 'late' }),
        },
      ],
    };
    const batches = spansOf(
      [
        span({ id: 1, startMs: 1_000, ms: 10 }),
        span({ id: 2, startMs: 3_000, ms: 1_500, ...failed }),
        span({
          id: 3,
          kind: 3,
          parentSpanId: '0000000000000002',
          attributes: strings({ 'db.system.name': 'redis' }),
        }),
      ],
      { 'service.version': '7', 'service.instance.id': 'a' },
    );
    const tally = tallySpans({ cellMs: 2_000 }, { batches });
    const figures = tally.series.map(({ kind, name }, index) => [
      kind,
      name,
      tally.requests[index],
      tally.errors[index],
    ]);
    expect(figures).toEqual([
      ['service', '', 2, 1],
      ['operation', 'GET /', 2, 1],
      ['peer', 'database:redis', 1, 0],
    ]);
    // Of the service, of its operation, and of what it calls.
    expect([...tally.cells]).toEqual([0, 4_000, 0, 4_000, 0]);
    expect([...tally.cellOffsets]).toEqual([0, 2, 4, 5]);
    expect(tally.exceptions).toMatchObject([
      { operation: 'GET /', exceptionType: 'Timeout', message: 'late', count: 1 },
    ]);
    expect(tally.resources).toMatchObject([{ version: '7', instance: 'a' }]);
    const [from = 0, to = 0] = [tally.durationOffsets[1], tally.durationOffsets[2]];
    const milliseconds = [...tally.nanos.slice(from, to)].map((nanos) => Math.round(nanos / 1e6));
    expect(milliseconds).toEqual([10, expect.closeTo(1_500, -2)]);
  });

  it('and sampled by whole traces, what is called without spans of its own below its caller', () => {
    const trace = (number: number, startMs: number): object[] => [
      span({ trace: number, id: 2 * number, startMs }),
      span({
        trace: number,
        id: 2 * number + 1,
        startMs,
        kind: 3,
        parentSpanId: (2 * number).toString(16).padStart(16, '0'),
        attributes: strings({ 'db.system.name': 'redis' }),
      }),
    ];
    const batches = spansOf(
      Array.from({ length: 200 }, (_, index) => trace(index + 1, index < 100 ? 10_000 : 90_000)).flat(),
    );
    const input = {
      fromMs: 0,
      onsetMs: 60_000,
      untilMs: 99_000,
      oneIn: 4,
      mostSpans: 1_000,
      silent: new Set(['database:redis']),
    };
    const { normal, abnormal } = sampleSpans(input, { batches });
    for (const list of [normal, abnormal]) {
      const traces = new Set(list.map(({ traceId }) => traceId));
      expect(list).toHaveLength(3 * traces.size);
      expect(traces.size).toBeGreaterThan(10);
      expect(traces.size).toBeLessThan(50);
    }
    const redis = normal.find(({ service }) => service === 'database:redis');
    expect(normal.find(({ id }) => id === redis?.parent)?.service).toBe('~~shop');
  });
});

describe('points are read', () => {
  const point = (timeMs: number, value: number, attributes: Attributes): object => ({
    timeUnixNano: `${timeMs}000000`,
    asDouble: value,
    attributes: strings(attributes),
  });
  const metricsOf = (points: readonly object[]): readonly ServiceBatch[] =>
    decoded('metrics', {
      resourceMetrics: [
        {
          resource: { attributes: strings({ 'service.name': 'shop' }) },
          scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: points } }] }],
        },
      ],
    });

  it('with one hash a series, whatever the order of its attributes, batch and generation', () => {
    const one = metricsOf([point(1_000, 1, { a: 'x', b: 'y' }), point(1_000, 2, { a: 'y', b: 'x' })]);
    const other = metricsOf([point(2_000, 3, { b: 'y', a: 'x' })]);
    const tally = tallyPoints({ mostPoints: 10 }, { batches: placed([...one, ...other]) });
    const [first, second, third] = tally.hashes;
    expect(first).toBe(third);
    expect(first).not.toBe(second);
    expect([...tally.kinds]).toEqual([PointKind.gauge, PointKind.gauge, PointKind.gauge]);
    expect([...tally.values]).toEqual([1, 2, 3]);
    expect([...tally.places]).toEqual([0, 0, 1]);
  });

  it('hashes tell ten thousand series apart', () => {
    const points = Array.from({ length: 10_000 }, (_, index) =>
      point(1_000, 1, { id: `${index % 100}`, other: `${Math.floor(index / 100)}` }),
    );
    const tally = tallyPoints({ mostPoints: 20_000 }, { batches: placed(metricsOf(points)) });
    expect(new Set(tally.hashes).size).toBe(10_000);
  });

  it('up to a bound, and what is beyond is counted', () => {
    const points = Array.from({ length: 10 }, (_, index) => point(index, index, {}));
    const tally = tallyPoints({ mostPoints: 4 }, { batches: placed(metricsOf(points)) });
    expect(tally.hashes).toHaveLength(4);
    expect(tally.skipped).toBe(6);
  });
});

describe('log records are counted', () => {
  const logsOf = (logs: readonly object[]): readonly ServiceBatch[] =>
    decoded('logs', {
      resourceLogs: [
        { resource: { attributes: strings({ 'service.name': 'shop' }) }, scopeLogs: [{ logRecords: logs }] },
      ],
    });
  const record = (timeMs: number, severityNumber: number, stringValue: string): object => ({
    timeUnixNano: `${timeMs}000000`,
    severityNumber,
    body: { stringValue },
  });
  const NO_STATE = { version: 1, lines: 0, patterns: [] } as const;

  it('by severity and pattern; a thread that knows nothing says so', () => {
    const batches = logsOf([
      record(1_000, 9, 'order 17 accepted'),
      record(1_500, 9, 'order 18 accepted'),
      record(2_500, 17, 'order 19 failed: no answer'),
    ]);
    const input = { keeper: 'test', cellMs: 2_000, mostLines: 100, isSaving: true };
    expect(countLogs(input, { batches })).toEqual({ type: 'forgotten' });
    const counted = countLogs({ ...input, state: NO_STATE }, { batches });
    expect(counted).toMatchObject({
      type: 'counted',
      cells: [
        { severity: 'info', cellMs: 0, count: 2 },
        { severity: 'error', cellMs: 2_000, count: 1 },
      ],
      patterns: [
        { template: 'order <*> accepted', count: 2, severity: 'info', isCut: false },
        { count: 1, severity: 'error' },
      ],
      unread: 0,
      state: { lines: 3 },
    });
    expect(countLogs({ ...input, isSaving: false }, { batches })).toMatchObject({
      type: 'counted',
      state: undefined,
    });
  });

  it('with the worst severity and the stack of a pattern, and what was merged into it', () => {
    const input = { keeper: 'merges', cellMs: 2_000, mostLines: 100, isSaving: false };
    const names = ['ann', 'bob', 'eve', 'kim', 'joe', 'sue'];
    const batches = logsOf([
      record(1, 17, 'Error: gone\n    at close (/srv/a.js:1:2)\n    at send (/srv/b.js:3:4)'),
      record(2, 9, 'cart was put away'),
      record(3, 13, 'cart was put away'),
      ...names.map((name, at) => record(10 + at, 9, `the cart of customer ${name} was emptied`)),
    ]);
    const counted = countLogs({ ...input, state: NO_STATE }, { batches });
    if (counted.type === 'forgotten') throw new Error('the state was not taken');
    const [stack, cart] = counted.patterns;
    expect(stack).toMatchObject({ severity: 'error', frames: ['a.js:close', 'b.js:send'] });
    expect(stack?.fingerprint).toMatch(/^[\da-f]{16}$/);
    expect(cart).toMatchObject({ severity: 'warn', count: 2, fingerprint: '', frames: [] });
    expect(counted.merges.length).toBeGreaterThanOrEqual(4);
    expect(new Set(counted.merges.map(({ into }) => into)).size).toBe(1);
    const again = countLogs(input, { batches: logsOf([record(1, 9, 'another')]) });
    expect(again).toMatchObject({ merges: [] });
  });

  it('of which only so many are read', () => {
    const batches = logsOf([record(1, 9, 'a'), record(2, 9, 'b'), record(3, 9, 'c')]);
    const counted = countLogs(
      { keeper: 'few', cellMs: 2_000, mostLines: 1, isSaving: false, state: NO_STATE },
      { batches },
    );
    expect(counted).toMatchObject({ unread: 2, cells: [{ count: 3 }] });
  });
});

describe('a level', () => {
  function evidenceOf(values: readonly number[]): number[] {
    const state = new Float64Array(POINT_TEST_SIZE);
    const series = newSeries();
    const change = newChange();
    return values.map((value, index) => {
      testPoint(state, series, index * 5_000, value, newVerdict(), change);
      return change.evidence;
    });
  }

  it('that was constant and moves is surprising at once, and for as long as it stays away', () => {
    const values = [...new Array<number>(200).fill(5e7), ...new Array<number>(100).fill(8e7)];
    const evidence = evidenceOf(values);
    expect(Math.max(...evidence.slice(0, 200))).toBe(0);
    expect(evidence[201]).toBeGreaterThanOrEqual(20);
    expect(evidence[299]).toBeGreaterThanOrEqual(20);
    expect(evidenceOf([...values, ...new Array<number>(20).fill(5e7)]).at(-1)).toBe(0);
  });

  it('that counts a few things may grow by a few', () => {
    const values = [...new Array<number>(200).fill(0), 1, 2, 1, 3, 2];
    expect(Math.max(...evidenceOf(values))).toBeLessThan(6);
    expect(evidenceOf([...values, 400, 420, 450]).at(-1)).toBeGreaterThan(16);
  });
});
