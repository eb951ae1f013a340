import { describe, expect, it } from 'vitest';
import { DurationSketch } from '../../workers/red/index.ts';
import type { TakenCalls } from '../../workers/topology/index.ts';
import type { SpanTally } from '../../workers/watch/index.ts';
import { newInsightCounters } from './insight-counters.ts';
import { JudgeBatch } from './judge-batch.ts';
import { SeriesRegistry } from './series-registry.ts';
import { EVENT_CELL_MS, MOST_CALLEES, MOST_SERVICES, SpanWatch } from './span-watch.ts';

const START_MS = Date.UTC(2026, 0, 5, 12);
const DAY_MS = 86_400_000;

/** A request of each service. */
function tallyOf(names: readonly string[], atMs: number): SpanTally {
  const ones = new Float64Array(names.length).fill(1);
  const offsets = Uint32Array.from({ length: names.length + 1 }, (_, index) => index);
  return {
    series: names.map((name) => ({
      ...{ service: { namespace: '', name, environment: '' }, kind: 'service', name: '', peer: undefined },
    })),
    ...{ requests: ones, errors: new Float64Array(names.length) },
    ...{
      durationOffsets: new Uint32Array(names.length + 1),
      nanos: ones.slice(0, 0),
      weights: ones.slice(0, 0),
    },
    ...{ cellOffsets: offsets, cells: ones.map(() => atMs), cellRequests: ones },
    ...{ exceptions: [], resources: [], attributes: [] },
  };
}

it('more services than are watched are counted, and have their turn when others are gone', () => {
  const counters = newInsightCounters();
  const registry = new SeriesRegistry(2 * MOST_SERVICES, counters.crowdedOut);
  const watch = new SpanWatch(registry, counters.crowdedOut);
  const batch = new JudgeBatch();
  const names = Array.from({ length: MOST_SERVICES + 3 }, (_, index) => `service ${index}`);
  watch.add(tallyOf(names, START_MS), batch, START_MS);
  expect([...watch.watched()]).toHaveLength(MOST_SERVICES);
  expect(counters.crowdedOut).toEqual({ services: 3, series: 0, insights: 0 });

  const laterMs = START_MS + 3_600_000;
  watch.add(tallyOf(['late'], laterMs), batch, laterMs);
  expect([...watch.watched()].map(([id]) => id)).toEqual(['~~late']);
  expect(counters.crowdedOut.services).toBe(3);
});

it('requests of a service that has been gone for a day are not counted any more', () => {
  const counters = newInsightCounters();
  const watch = new SpanWatch(new SeriesRegistry(10, counters.crowdedOut), counters.crowdedOut);
  const countedAt = (nowMs: number): number => {
    const batch = new JudgeBatch();
    watch.sweep(nowMs);
    watch.close(batch, nowMs);
    return batch.size;
  };
  watch.add(tallyOf(['gone'], START_MS), new JudgeBatch(), START_MS);
  expect(countedAt(START_MS + DAY_MS / 2)).toBeGreaterThan(0);
  expect(countedAt(START_MS + DAY_MS - EVENT_CELL_MS)).toBeGreaterThan(0);
  expect(countedAt(START_MS + DAY_MS)).toBe(0);
});

it('hosts that a service calls no more leave their places to others', () => {
  const counters = newInsightCounters();
  const registry = new SeriesRegistry(5_000, counters.crowdedOut);
  const watch = new SpanWatch(registry, counters.crowdedOut);
  const calls = (hosts: readonly string[], atMs: number): SpanTally => {
    const tally = tallyOf(['shop', ...hosts], atMs);
    const service = { namespace: '', name: 'shop', environment: '' };
    const called = hosts.map((name) => ({
      ...{ service, kind: 'peer' as const, name: `external:${name}` },
      peer: { type: 'external' as const, id: `external:${name}`, name },
    }));
    return { ...tally, series: [...tally.series.slice(0, 1), ...called] };
  };
  const counted = (): readonly string[] =>
    [...registry.all()]
      .filter(({ signal, peer }) => signal === 'requests' && peer !== '')
      .map(({ peerName }) => peerName);
  const hosts = Array.from({ length: MOST_CALLEES }, (_, index) => `host ${index}`);
  watch.add(calls([...hosts, 'one too many'], START_MS), new JudgeBatch(), START_MS);
  watch.close(new JudgeBatch(), START_MS + 10_000);
  expect(counted()).toEqual(hosts);
  const laterMs = START_MS + 3_600_000;
  watch.add(calls(['late'], laterMs), new JudgeBatch(), laterMs);
  watch.close(new JudgeBatch(), laterMs + 10_000);
  expect(counted()).toContain('late');
});

describe('calls that only spans of both sides tell of', () => {
  const node = (name: string) => ({ id: `~~${name}`, name, type: 'service' as const });
  const callsAt = (atMs: number, requests: number, isShort = false): TakenCalls => ({
    calls: [
      {
        ...{ from: node('shop'), to: node('stock'), requests, errors: 0, durations: new DurationSketch() },
        seconds: new Map([[atMs / 1_000, requests]]),
      },
    ],
    isShort,
  });
  const watchOf = () => {
    const { crowdedOut } = newInsightCounters();
    const registry = new SeriesRegistry(100, crowdedOut);
    const counted = (fromMs: number, toMs: number): readonly number[] => {
      const series = [...registry.all()].find(({ signal, peer }) => signal === 'requests' && peer !== '');
      return Array.from(series?.history.read(fromMs, toMs).values ?? []);
    };
    return { watch: new SpanWatch(registry, crowdedOut), counted };
  };
  /** Requests are known at once, calls when the service that is called has told, eight seconds later. */
  const run = (watch: SpanWatch, lateMs: number, isShortAt?: number): void => {
    for (let atMs = START_MS; atMs < START_MS + 60_000; atMs += EVENT_CELL_MS) {
      const batch = new JudgeBatch();
      const nowMs = atMs + EVENT_CELL_MS;
      watch.add(tallyOf(['shop'], atMs), batch, nowMs);
      const isShort = atMs - START_MS === isShortAt;
      if (atMs - lateMs >= START_MS) watch.addUnnamed(callsAt(atMs - lateMs, 6, isShort), batch, nowMs);
      watch.close(batch, nowMs);
    }
  };

  it('are waited for as long as they take, and not as their caller is', () => {
    const { watch, counted } = watchOf();
    run(watch, 8_000);
    // Three a second.
    const rates = counted(START_MS, START_MS + 40_000);
    expect(rates.length).toBeGreaterThan(7);
    expect(rates).toEqual(rates.map(() => 3));
  });

  it('are unknown, and not few, where not all are known', () => {
    const { watch, counted } = watchOf();
    run(watch, 0, 20_000);
    const known = counted(START_MS, START_MS + 40_000);
    expect(known.length).toBeGreaterThan(7);
    expect(known).toEqual(known.map(() => 3));
  });
});

it('series that find no place are counted by their reason', () => {
  const counters = newInsightCounters();
  const watch = new SpanWatch(new SeriesRegistry(1, counters.crowdedOut), counters.crowdedOut);
  const batch = new JudgeBatch();
  watch.add(tallyOf(['one', 'two'], START_MS), batch, START_MS);
  watch.close(batch, START_MS + 10_000);
  expect(counters.crowdedOut).toEqual({ services: 0, series: 1, insights: 0 });
});
