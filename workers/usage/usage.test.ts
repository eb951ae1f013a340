import { describe, expect, it } from 'vitest';
import type { ServiceBatch } from '../../proto/columns/index.ts';
import { createDecoder, jsonToWire } from '../decode/index.ts';
import { collectUsage, joinUsage, type WorkloadUsage } from './index.ts';

const decoder = createDecoder();
const ALL = { fromMs: 0, toMs: 1e6, mostSeries: 1_000, mostPoints: 10_000 };
type Attributes = Readonly<Record<string, string>>;

interface Metric {
  readonly name: string;
  /** Seconds and values, with attributes. */
  readonly points: readonly (readonly [second: number, value: number, attributes?: Attributes])[];
  readonly kind?: 'gauge' | 'counter' | 'delta' | 'histogram';
}

function strings(values: Attributes): object[] {
  return Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

function metricJson({ name, points, kind = 'gauge' }: Metric): object {
  const dataPoints = points.map(([second, value, attributes = {}]) => ({
    ...{ timeUnixNano: `${second}000000000`, startTimeUnixNano: `${second - 1}000000000` },
    attributes: strings(attributes),
    // A histogram's value is its sum; each of its things took half a unit.
    ...(kind === 'histogram' ? { count: String(2 * value), sum: value } : { asDouble: value }),
  }));
  if (kind === 'gauge') return { name, gauge: { dataPoints } };
  const aggregationTemporality = kind === 'delta' ? 1 : 2;
  return kind === 'histogram'
    ? { name, histogram: { aggregationTemporality, dataPoints } }
    : { name, sum: { aggregationTemporality, isMonotonic: true, dataPoints } };
}

function sent(service: string, resource: Attributes, metrics: readonly Metric[]): readonly ServiceBatch[] {
  const attributes = strings({ 'service.name': service, ...resource });
  const request = {
    resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ metrics: metrics.map(metricJson) }] }],
  };
  const wire = jsonToWire('metrics', Buffer.from(JSON.stringify(request)));
  if ('undecodable' in wire) throw new Error(wire.reason);
  const result = decoder.decode('metrics', wire);
  if ('undecodable' in result) throw new Error(result.reason);
  return result.batches;
}

/** As if each of the requests were on a thread of its own. */
function usages(...requests: readonly (readonly ServiceBatch[])[]): WorkloadUsage[] {
  return joinUsage(requests.map((batches) => collectUsage(ALL, { batches })));
}

const pod = (name: string, container = 'app'): Attributes => ({
  ...{ 'k8s.namespace.name': 'shop', 'k8s.pod.name': name, 'k8s.container.name': container },
  'k8s.deployment.name': 'cart',
});

describe('what is used of resources', () => {
  it('is joined with limits that others sent, of all pods of a deployment together', () => {
    const found = usages(
      sent('kubelet', pod('cart-1'), [
        {
          name: 'container.cpu.usage',
          points: [
            [10, 0.5],
            [20, 0.7],
          ],
        },
      ]),
      sent('kubelet', pod('cart-2'), [{ name: 'container.cpu.usage', points: [[10, 0.1]] }]),
      sent('cluster', pod('cart-1'), [
        { name: 'k8s.container.cpu_limit', points: [[10, 2]] },
        {
          name: 'k8s.container.cpu.limit.current',
          points: [
            [10, 3],
            [20, 4],
          ],
        },
        { name: 'k8s.container.cpu_request', points: [[10, 1]] },
      ]),
      sent('cluster', pod('cart-2'), [{ name: 'k8s.container.cpu_limit', points: [[10, 2]] }]),
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      ...{ resource: 'cpu', service: '~~kubelet', name: 'app of cart', metric: 'container.cpu.usage' },
      observation: { limit: 4, reserved: 1, instances: 2 },
    });
    expect([...(found[0]?.observation.usage ?? [])].sort()).toEqual([0.1, 0.5, 0.7]);
  });

  it('of CPU time is its rate, also over threads, states and a new start', () => {
    const mode = (value: string): Attributes => ({ 'cpu.mode': value });
    const time = (points: Metric['points'], kind: Metric['kind'] = 'counter'): Metric => ({
      ...{ name: 'container.cpu.time', points, kind },
    });
    const limit = sent('cluster', pod('cart-1'), [{ name: 'k8s.container.cpu.limit', points: [[10, 2]] }]);
    const early = time([
      [10, 4, mode('user')],
      [10, 1, mode('system')],
      [20, 9, mode('user')],
      [20, 1, mode('system')],
    ]);
    const late = time([
      [30, 12, mode('user')],
      [30, 2, mode('system')],
      [40, 1, mode('user')],
      [50, 4, mode('user')],
    ]);
    const [usage] = usages(sent('a', pod('cart-1'), [early]), sent('a', pod('cart-1'), [late]), limit);
    expect([...(usage?.observation.usage ?? [])]).toEqual([0.5, 0.4, 0.3]);
    const [delta] = usages(
      sent('a', pod('cart-1'), [
        time(
          [
            [10, 0.5],
            [20, 0.7],
          ],
          'delta',
        ),
      ]),
      limit,
    );
    expect([...(delta?.observation.usage ?? [])]).toEqual([0.5, 0.7]);
  });

  it('of a process counts in its container', () => {
    const [usage, ...others] = usages(
      sent('cart', pod('cart-1'), [{ name: 'process.memory.usage', points: [[10, 700]] }]),
      sent('stock', {}, [{ name: 'process.memory.usage', points: [[10, 700]] }]),
      sent('cluster', pod('cart-1'), [{ name: 'k8s.container.memory.limit', points: [[10, 1_000]] }]),
    );
    expect(others).toEqual([]);
    expect(usage).toMatchObject({ service: '~~cart', observation: { limit: 1_000 } });
  });

  it('of a pod is told once: by its containers where they are known', () => {
    const metric = (of: string): Metric => ({
      ...{ name: `k8s.${of}.memory_limit_utilization`, points: [[10, 0.2]] as const },
    });
    const alone = { ...pod('cart-2'), 'k8s.container.name': '' };
    const found = usages(
      sent('kubelet', pod('cart-1'), [metric('container'), metric('pod')]),
      sent('kubelet', alone, [metric('pod')]),
    );
    expect(found.map(({ name }) => name).sort()).toEqual(['app of cart', 'cart']);
    expect(found.map(({ observation }) => observation.instances)).toEqual([1, 1]);
  });

  it('is a share where nothing else is known', () => {
    const [shares] = usages(
      sent('kubelet', pod('cart-1'), [
        {
          name: 'k8s.container.memory_limit_utilization',
          points: [
            [10, 0.2],
            [20, 0.1],
          ],
        },
        {
          name: 'k8s.container.memory_request_utilization',
          points: [
            [10, 0.4],
            [20, 0.2],
          ],
        },
      ]),
    );
    expect(shares).toMatchObject({ isAbsolute: false, observation: { limit: 1, reserved: 0.5 } });
  });

  it('of a heap is of all its pools, and not what a JVM has besides', () => {
    const pool = (name: string, type = 'heap'): Attributes => ({
      ...{ 'jvm.memory.pool.name': name, 'jvm.memory.type': type },
    });
    const [heap] = usages(
      sent('cart', {}, [
        {
          name: 'jvm.memory.used',
          points: [
            [10, 30, pool('eden')],
            [10, 50, pool('old')],
            [10, 900, pool('meta', 'non_heap')],
          ],
        },
        {
          name: 'jvm.memory.committed',
          points: [
            [10, 200, pool('eden')],
            [10, 1_000, pool('old')],
          ],
        },
      ]),
    );
    expect(heap).toMatchObject({ resource: 'heap', observation: { limit: undefined, reserved: 1_200 } });
    expect([...(heap?.observation.usage ?? [])]).toEqual([80]);
  });

  it.each([
    ['db.client.connection.', 'db.client.connection.count', 'db.client.connection.state', 1],
    ['db.client.connections.', 'db.client.connections.usage', 'state', 1_000],
  ])('of pools knows %s', (prefix, count, state, perSecond) => {
    const [pool] = usages(
      sent('cart', { 'service.instance.id': '1' }, [
        {
          name: count,
          points: [
            [10, 9, { [state]: 'used' }],
            [10, 11, { [state]: 'idle' }],
          ],
        },
        { name: `${prefix}max`, points: [[10, 40]] },
        {
          name: `${prefix}pending_requests`,
          points: [
            [10, 0],
            [20, 3],
          ],
        },
        {
          name: `${prefix}wait_time`,
          kind: 'histogram',
          points: [
            [10, 5 * perSecond],
            [20, 8 * perSecond],
          ],
        },
      ]),
    );
    expect(pool).toMatchObject({
      ...{ resource: 'connections', metric: count },
      observation: { limit: 40, reserved: 20, looked: 2, pressed: 1, waits: 6 * perSecond, waitSeconds: 3 },
    });
    expect([...(pool?.observation.usage ?? [])]).toEqual([9]);
  });

  it('says nothing of what has no limit, of a limit alone, or of what is no limit', () => {
    const found = usages(
      sent('a', pod('one'), [{ name: 'container.memory.working_set', points: [[10, 5]] }]),
      sent('a', pod('two'), [{ name: 'k8s.container.memory.limit', points: [[10, 5]] }]),
      sent('a', pod('three'), [
        { name: 'container.memory.working_set', points: [[10, 5]] },
        { name: 'k8s.container.memory.limit', points: [[10, 2 ** 63]] },
      ]),
      sent('a', {}, [
        { name: 'v8js.memory.heap.used', points: [[10, 5]] },
        { name: 'v8js.memory.heap.limit', points: [[10, 50]] },
        { name: 'process.cpu.utilization', points: [[10, 0.01]] },
      ]),
    );
    expect(found).toEqual([]);
  });

  it('keeps within its bounds and the range', () => {
    const batches = sent('a', pod('one'), [
      {
        name: 'container.memory.working_set',
        points: [
          [10, 5],
          [20, 6],
          [30, 7],
        ],
      },
      { name: 'k8s.container.memory.limit', points: [[10, 9]] },
    ]);
    const times = (input: Partial<typeof ALL>): number[] =>
      collectUsage({ ...ALL, ...input }, { batches }).flatMap(({ values }) => [...values.keys()]);
    expect(times({ fromMs: 20_000, toMs: 30_000 })).toEqual([20_000]);
    expect(times({ mostSeries: 1 })).toEqual([10_000, 20_000, 30_000]);
    expect(times({ mostPoints: 2 })).toHaveLength(2);
  });
});
