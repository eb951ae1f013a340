import { afterEach, describe, expect, it } from 'vitest';
import { EMPTY_HISTORY, engineOver, spanBatches, unboundedRun, type SpanFixture } from '../fixtures/index.ts';

const START_MS = 1_700_000_000_000;
const NOW = BigInt(START_MS + 3_600_000) * 1_000_000n;
const RANGE = { fromUnixNano: BigInt(START_MS) * 1_000_000n, toUnixNano: NOW };
const ALL = { range: RANGE, limit: 10 };

let stop: () => void = () => undefined;
afterEach(() => {
  stop();
});

const id = (trace: number, span: number): string => (trace * 10 + span + 1).toString(16).padStart(16, '0');

/** A cart's request that asks the stock, and every fourth time the bank, which fails every eighth time. */
function request(trace: number): SpanFixture[] {
  const span = (at: number, service: string, name: string, more: Partial<SpanFixture> = {}): SpanFixture => ({
    ...{ service, name, traceId: id(trace, 0).padStart(32, 'a'), spanId: id(trace, at) },
    ...{ startMs: START_MS + trace * 100 + at, durationMs: 10 * (at === 0 ? 2 : 1), ...more },
  });
  const parentSpanId = id(trace, 0);
  const bank = span(2, 'bank', 'charge', { parentSpanId, isError: trace % 8 === 0 });
  return [
    span(0, 'cart', trace % 4 === 0 ? 'POST /order' : 'GET /cart'),
    span(1, 'stock', 'GET /stock', { parentSpanId }),
    ...(trace % 4 === 0 ? [bank] : []),
  ];
}

/** Spans of a trace come in two segments; the first is archived, and still in the windows. */
function engine(requests = 80) {
  const spans = Array.from({ length: requests }, (_, trace) => request(trace)).flat();
  const halves = [0, 1].map((half) => spanBatches(spans.filter((_, at) => at % 2 === half)));
  const made = engineOver(EMPTY_HISTORY, halves, 1);
  stop = made.stop;
  return made.query;
}

describe('shapes of the traces in the windows', () => {
  it('are of whole traces, archived or not', async () => {
    const found = await engine().traceShapes(ALL, NOW, unboundedRun());
    expect(found).toMatchObject({
      ...{ traces: 80, matching: 80, more: false },
      shapes: [
        { traces: 60, failed: 0, spans: 2, steps: [{ operation: 'GET /cart' }, { operation: 'GET /stock' }] },
        {
          ...{ traces: 20, failed: 10, spans: 3 },
          steps: [{ service: '~~cart' }, { service: '~~stock', depth: 1 }, { service: '~~bank', depth: 1 }],
        },
      ],
    });
  });

  it('are of traces with such a span, in the range, that have ended', async () => {
    const query = engine();
    const of = async (asked: object, now = NOW) => {
      const { shapes } = await query.traceShapes({ ...ALL, ...asked }, now, unboundedRun());
      return shapes.map(({ traces, steps }) => [traces, steps.length]);
    };
    expect(await of({ service: { namespace: '', name: 'bank', environment: '' } })).toEqual([[20, 3]]);
    expect(await of({ operation: 'GET /cart' })).toEqual([[60, 2]]);
    expect(
      await of({ operation: 'GET /cart', service: { namespace: '', name: 'stock', environment: '' } }),
    ).toEqual([]);
    const early = { ...RANGE, toUnixNano: BigInt(START_MS + 400) * 1_000_000n };
    expect(await of({ range: early })).toEqual([
      [3, 2],
      [1, 3],
    ]);
    expect(await of({}, BigInt(START_MS + 10_400) * 1_000_000n)).toEqual([
      [3, 2],
      [1, 3],
    ]);
    expect(await of({ limit: 1 })).toEqual([[60, 2]]);
  });

  it('are of a sample where there are many', async () => {
    const found = await engine(6_000).traceShapes(ALL, NOW + 3_600_000_000_000n, unboundedRun());
    expect(found.traces).toBe(2_000);
    expect(Math.abs(found.matching - 6_000)).toBeLessThan(600);
    expect(Math.abs((found.shapes[0]?.traces ?? 0) - 1_500)).toBeLessThan(100);
  });

  it('have nothing of services that may not be seen', async () => {
    const run = { ...unboundedRun(), visible: [{ name: 'cart' }, { name: 'stock' }] };
    const found = await engine().traceShapes(ALL, NOW, run);
    expect(JSON.stringify(found)).not.toContain('bank');
    expect(found.shapes.map(({ traces, failed }) => [traces, failed])).toEqual([
      [60, 0],
      [20, 0],
    ]);
    const hidden = { ...ALL, service: { namespace: '', name: 'bank', environment: '' } };
    expect(await engine().traceShapes(hidden, NOW, run)).toMatchObject({ traces: 0, matching: 0 });
  });
});
