import { describe, expect, it } from 'vitest';
import { redFrame, type RedFigure } from '../e2e/red-rows.ts';
import { decodeFrame } from './frame.ts';
import { figuresOver, ingestOver, p95Deviation } from './red-figures.ts';
import { makeRedStore, slotOf, type RedStore } from './red-store.ts';

const T = 1_767_225_600;

function apply(store: RedStore, rows: readonly RedFigure[], mode: 'snapshot' | 'change' = 'change') {
  const bytes = redFrame(rows, { topicKey: 'x', sequence: '1', mode });
  store.apply(decodeFrame(Uint8Array.from(bytes).buffer));
}

const makeStore = (maxSeries = 10) => makeRedStore({ keyColumn: 'service', maxSeries });

function requestsAt(store: RedStore, service: string, second: number): number | undefined {
  const series = store.get(service);
  const slot = series === undefined ? -1 : slotOf(series, second);
  return slot < 0 ? undefined : series?.requests[slot];
}

describe('RedStore', () => {
  it('puts a later row of the same second over the earlier one', () => {
    const store = makeStore();
    apply(store, [{ service: 'a', second: T, requests: 5, errors: 2 }]);
    apply(store, [
      { service: 'a', second: T, requests: 9 },
      { service: 'a', second: T + 1, requests: 1 },
    ]);
    expect(requestsAt(store, 'a', T)).toBe(9);
    expect(store.get('a')?.errors[T % 900]).toBe(0);
    expect(requestsAt(store, 'a', T + 1)).toBe(1);
    expect(requestsAt(store, 'a', T + 2)).toBeUndefined();
    expect(store.newestSecond).toBe(T + 1);
  });

  it('keeps 900 seconds: a slot goes to the newer second and is not given back to the older', () => {
    const store = makeStore();
    apply(store, [{ service: 'a', second: T, requests: 5 }]);
    apply(store, [{ service: 'a', second: T + 900, requests: 6 }]);
    apply(store, [{ service: 'a', second: T, requests: 7 }]);
    expect(requestsAt(store, 'a', T)).toBeUndefined();
    expect(requestsAt(store, 'a', T + 900)).toBe(6);
  });

  it('is replaced by a snapshot', () => {
    const store = makeStore();
    apply(store, [{ service: 'a', second: T, requests: 5 }]);
    apply(store, [{ service: 'b', second: T, requests: 6 }], 'snapshot');
    expect([...store.all()].map(({ key }) => key)).toEqual(['b']);
  });

  it('forgets a series when its last second has left the ring', () => {
    const store = makeStore();
    apply(store, [
      { service: 'a', second: T, requests: 5 },
      { service: 'b', second: T + 1, requests: 5 },
    ]);
    store.evict(T + 899);
    expect(store.size).toBe(2);
    store.evict(T + 900);
    expect([...store.all()].map(({ key }) => key)).toEqual(['b']);
  });

  it('leaves out and counts what is more than it may hold', () => {
    const store = makeStore(1);
    apply(store, [
      { service: 'a', second: T, requests: 1 },
      { service: 'b', second: T, requests: 1 },
      { service: 'b', second: T + 1, requests: 1 },
    ]);
    expect(store.size).toBe(1);
    expect(store.leftOutRows).toBe(2);
  });

  it('tells operations apart when asked to', () => {
    const store = makeRedStore({ keyColumn: 'operation', maxSeries: 10 });
    apply(store, [
      { service: 'a', second: T, requests: 3 },
      { service: 'a', operation: 'GET /', second: T, requests: 2 },
    ]);
    expect(requestsAt(store, '', T)).toBe(3);
    expect(requestsAt(store, 'GET /', T)).toBe(2);
  });
});

describe('figures', () => {
  it('adds up requests, weighs percentiles by them, and divides a young series by its age', () => {
    const store = makeStore();
    apply(store, [
      { service: 'a', second: T, requests: 10, errors: 1, p95Ms: 10 },
      { service: 'a', second: T + 3, requests: 30, p95Ms: 50 },
    ]);
    const series = store.get('a');
    const figures = series && figuresOver(series, T + 3, 60);
    expect(figures).toMatchObject({ requests: 40, errors: 1, rate: 10, errorRatio: 1 / 40 });
    expect(figures?.p95Ms).toBeCloseTo(40);
    expect(figures?.apdex).toBeCloseTo(39 / 40);
    expect(series && figuresOver(series, T + 3, 1)).toMatchObject({ requests: 30, rate: 30 });
  });

  it('has no latency where there was no request', () => {
    const store = makeStore();
    apply(store, [{ service: 'a', second: T, requests: 0 }]);
    const series = store.get('a');
    const figures = series && figuresOver(series, T, 60);
    expect(figures).toMatchObject({ rate: 0, errorRatio: 0 });
    expect(figures?.p95Ms).toBeNaN();
    expect(series && p95Deviation(series, T, NaN)).toBe(0);
  });

  it('measures how far p95 stands above its usual', () => {
    const store = makeStore();
    apply(
      store,
      Array.from({ length: 100 }, (_, at) => ({
        service: 'a',
        second: T + at,
        requests: 1,
        p95Ms: at < 90 ? 10 : 110,
      })),
    );
    const series = store.get('a');
    expect(series && p95Deviation(series, T + 99, 110)).toBeCloseTo(110 / 20 - 1, 5);
    expect(series && p95Deviation(series, T + 99, 10)).toBe(0);
  });

  it('adds up what arrives over all services', () => {
    const store = makeStore();
    apply(store, [
      { service: 'a', second: T, requests: 10 },
      { service: 'b', second: T + 1, requests: 5 },
    ]);
    expect(ingestOver(store.all(), T + 1, 5)).toEqual({ spans: 12, logs: 3, points: 4.8 });
  });
});
