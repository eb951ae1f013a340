import { afterEach, describe, expect, it } from 'vitest';
import { EMPTY_HISTORY, engineOptions, pointBatches, spanBatches, unboundedRun } from '../fixtures/index.ts';
import { PrometheusEngine, QueryEngine } from '../query/index.ts';
import { CapacityReport } from './index.ts';

const MINUTE_MS = 60_000;
const START_MS = 1_700_000_040_000;
const COUNT = 300;
const GRID = { startUnixMs: START_MS, stepMs: MINUTE_MS, count: COUNT };
const NOW_MS = START_MS + (COUNT - 1) * MINUTE_MS;

type Points = Parameters<typeof pointBatches>[0];
type Spans = Parameters<typeof spanBatches>[0];

let stop: () => void = () => undefined;
afterEach(() => {
  stop();
});

function reportOver(points: Points, spans: Spans = []): CapacityReport {
  const options = engineOptions(EMPTY_HISTORY, [[...pointBatches(points), ...spanBatches(spans)]], 0);
  stop = () => {
    options.system.stop();
  };
  const { threads } = options;
  return new CapacityReport({
    prometheus: new PrometheusEngine(options),
    query: new QueryEngine(options),
    threads,
  });
}

/** A point a minute. */
function series(
  name: string,
  attributes: Readonly<Record<string, string>>,
  valueAt: (minute: number) => number,
): Points {
  return Array.from({ length: COUNT }, (_, minute) => ({
    ...{
      name,
      attributes,
      kind: 'gauge' as const,
      value: valueAt(minute),
      timeMs: START_MS + minute * MINUTE_MS,
    },
  }));
}

describe('the capacity report', () => {
  it('says when a disk is full that fills by a constant rate, and that one at rest is not', async () => {
    const disk = (device: string, used: (minute: number) => number): Points => [
      ...series('system.filesystem.usage', { 'system.device': device, state: 'used' }, used),
      ...series(
        'system.filesystem.usage',
        { 'system.device': device, state: 'free' },
        (m) => 1_000 - used(m),
      ),
    ];
    const report = reportOver([...disk('sda', (minute) => 400 + minute), ...disk('sdb', () => 300)]);
    const { resources, resourcesLeftOut } = await report.make(
      { grid: GRID, horizon: 600, limit: 10 },
      unboundedRun(),
    );
    expect(resourcesLeftOut).toBe(0);
    expect(resources.map(({ labels }) => labels['system.device'])).toEqual(['sda', 'sdb']);
    const [full, calm] = resources;
    expect(full).toMatchObject({ name: 'disk sda of cart', current: 699, limit: 1_000, share: 0.699 });
    // 301 minutes are left.
    const minutesTo = (atMs = 0): number => (atMs - NOW_MS) / MINUTE_MS;
    expect(minutesTo(full?.reachedUnixMs)).toBeCloseTo(301, 0);
    expect(minutesTo(full?.earliestUnixMs)).toBeLessThanOrEqual(minutesTo(full?.reachedUnixMs));
    expect(full?.text).toMatch(/^disk sda of cart full in 5\.0 hours \(80 %: /);
    expect(calm).toMatchObject({ reachedUnixMs: undefined, earliestUnixMs: undefined, refusal: undefined });
    expect(calm?.text).toBe('disk sdb of cart is not foreseen to be full');
  });

  it('looks at the fullest first, and says how many it left out', async () => {
    const points = Array.from({ length: 5 }, (_, i) => [
      ...series('queue.size', { queue: `q${i}` }, () => 10 * i),
      ...series('queue.capacity', { queue: `q${i}` }, () => 50),
    ]).flat();
    const report = reportOver(points);
    const { resources, resourcesLeftOut } = await report.make(
      { grid: GRID, horizon: 60, limit: 2 },
      unboundedRun(),
    );
    expect(resources.map(({ name, share }) => [name, share])).toEqual([
      ['queue q4 of cart', 0.8],
      ['queue q3 of cart', 0.6],
    ]);
    expect(resourcesLeftOut).toBe(3);
  });

  it('takes pools of a heap together, what is available from what there is, and what is used of connections', async () => {
    const report = reportOver([
      ...series('jvm.memory.used', { 'jvm.memory.type': 'heap', 'jvm.memory.pool.name': 'eden' }, () => 10),
      ...series('jvm.memory.used', { 'jvm.memory.type': 'heap', 'jvm.memory.pool.name': 'old' }, () => 30),
      ...series('jvm.memory.limit', { 'jvm.memory.type': 'heap', 'jvm.memory.pool.name': 'old' }, () => 80),
      ...series('k8s.volume.available', { 'k8s.volume.name': 'data' }, () => 25),
      ...series('k8s.volume.capacity', { 'k8s.volume.name': 'data' }, () => 100),
      ...series('db.client.connection.count', { 'db.client.connection.state': 'used' }, () => 3),
      ...series('db.client.connection.count', { 'db.client.connection.state': 'idle' }, () => 7),
      ...series('db.client.connection.max', {}, () => 20),
      // A limit that is none, and one of which nothing is known.
      ...series('other.limit', {}, () => 0),
      ...series('other.usage', {}, () => 1),
    ]);
    const { resources } = await report.make({ grid: GRID, horizon: 60, limit: 10 }, unboundedRun());
    expect(
      Object.fromEntries(resources.map(({ metric, current, limit }) => [metric.name, [current, limit]])),
    ).toEqual({
      'k8s.volume.available': [75, 100],
      'jvm.memory.used': [40, 80],
      'db.client.connection.count': [3, 20],
    });
    expect(resources.map(({ refusal }) => refusal)).toEqual([undefined, undefined, undefined]);
  });

  it('learns a limit that no metric says where it was reached again and again, and none of what grows or waves', async () => {
    const wave = (minute: number): number => 12 + 10 * Math.sin((2 * Math.PI * minute) / 60);
    const used = { 'db.client.connection.state': 'used' };
    const report = reportOver([
      ...series('db.client.connection.count', { pool: 'a', ...used }, (minute) => Math.min(18, wave(minute))),
      ...series('db.client.connection.count', { pool: 'b', ...used }, wave),
      ...series('worker.queue.size', {}, (minute) => 10 + 3 * minute),
    ]);
    const { resources } = await report.make({ grid: GRID, horizon: 60, limit: 10 }, unboundedRun());
    expect(resources).toMatchObject([
      { metric: { limit: { type: 'learned' } }, labels: { pool: 'a' }, limit: 18, refusal: undefined },
    ]);
    expect(resources[0]?.current).toBeLessThan(18);
    expect(resources[0]?.text).toMatch(/^connections of cart (may be )?at its learned ceiling in /);
  });

  it('says why there is no forecast', async () => {
    const report = reportOver([
      { name: 'queue.size', kind: 'gauge', value: 5, timeMs: NOW_MS },
      { name: 'queue.capacity', kind: 'gauge', value: 10, timeMs: NOW_MS },
    ]);
    const { resources } = await report.make({ grid: GRID, horizon: 60, limit: 10 }, unboundedRun());
    expect(resources).toMatchObject([
      { share: 0.5, reachedUnixMs: undefined, refusal: { reason: 'too-few-points' } },
    ]);
  });

  it('shows where the latency of a service bends, and what is not known of one without load', async () => {
    // Each of the slices has its own load; latency is that of a queue with a capacity of 2 a second.
    const spans: { service: string; startMs: number; durationMs: number }[] = [];
    const sliceMs = ((COUNT - 1) * MINUTE_MS) / 72;
    for (let slice = 0; slice < 72; slice += 1) {
      const perSecond = 0.2 + (1.4 * (slice % 24)) / 23;
      const requests = Math.round((perSecond * sliceMs) / 1_000);
      for (let i = 0; i < requests; i += 1) {
        spans.push({
          ...{ service: 'busy', startMs: START_MS + slice * sliceMs + ((i + 0.5) * sliceMs) / requests },
          durationMs: 20 / (1 - perSecond / 2),
        });
      }
    }
    const report = reportOver([], [...spans, { service: 'calm', startMs: NOW_MS - 1_000, durationMs: 1 }]);
    const { loads, loadsLeftOut } = await report.make({ grid: GRID, horizon: 60, limit: 10 }, unboundedRun());
    expect(loadsLeftOut).toBe(0);
    const [busy, calm] = loads;
    expect(busy?.service.name).toBe('busy');
    expect(busy?.curve.kind).toBe('curve');
    const curve = busy?.curve.kind === 'curve' ? busy.curve : undefined;
    expect(curve?.capacity).toBeGreaterThan(1.7);
    expect(curve?.capacity).toBeLessThan(2.3);
    expect(curve?.headroom).toBeLessThan(0);
    expect(calm).toMatchObject({ requests: 1, curve: { kind: 'none', reason: 'too-few-samples' } });
  });
});
