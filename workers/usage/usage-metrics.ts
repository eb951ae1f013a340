import type { SizedResource } from '../kernels/sizing/index.ts';

/** What a metric says of a resource. */
export type UsageRole =
  | 'usage'
  /** Connections, used or not. */
  | 'open'
  /** CPU time so far: its rate is the usage. */
  | 'usage-counter'
  /** The usage, as a share of the limit or of the request. */
  | 'limit-share'
  | 'request-share'
  | 'limit'
  | 'request'
  /** Periods of the scheduler in which the resource was held back, and all of them. */
  | 'held-back'
  | 'periods'
  /** Requests that wait for a connection now. */
  | 'pending'
  /** Times one waited for a connection, and had one. */
  | 'waits'
  | 'uses';

/** Whose the resource is: points of different senders belong together when they are of the same. */
export type UsageOwner = 'container' | 'pod' | 'sender';

export interface UsageMetric {
  readonly resource: SizedResource;
  readonly role: UsageRole;
  readonly owner: UsageOwner;
  /** Of several metrics of a role the lowest is taken. */
  readonly rank: number;
  /** Into the unit of the resource: cores, bytes, connections, seconds. */
  readonly factor: number;
}

type Row = readonly [
  resource: SizedResource,
  role: UsageRole,
  owner: UsageOwner,
  names: readonly string[],
  factor?: number,
];

/** Older and newer names of Kubernetes' limits and requests, and of the shares that are used of them. */
function kubernetes(owner: 'container' | 'pod', resource: 'cpu' | 'memory'): Row[] {
  const stem = `k8s.${owner}.${resource}`;
  const amount = (what: string): string[] => [
    ...[`${stem}.${what}.current`, `${stem}.${what}.desired`, `${stem}.${what}`, `${stem}_${what}`],
  ];
  const share = (what: string): string[] => [
    ...[`${stem}.${what}.utilization`, `${stem}.${what}_utilization`, `${stem}_${what}_utilization`],
  ];
  return [
    [resource, 'limit', owner, amount('limit')],
    [resource, 'request', owner, amount('request')],
    [resource, 'limit-share', owner, share('limit')],
    [resource, 'request-share', owner, share('request')],
  ];
}

/**
 * Metrics of OpenTelemetry's semantic conventions and of the collector's receivers for containers, the newer names first.
 *
 * Left out, as no limit that somebody has set stands behind it: `v8js.memory.heap.limit` is what V8 has allocated so far, a process'
 * `cpu.utilization` is of all CPUs of its machine, `container.memory.usage.limit` is the memory of the machine where there is no limit,
 * `jvm.memory.limit` a quarter of it. Of a heap counts what is committed, used or not; a process' memory where the limit of its container is known.
 */
const ROWS: readonly Row[] = [
  ...kubernetes('container', 'cpu'),
  ...kubernetes('container', 'memory'),
  ...kubernetes('pod', 'cpu'),
  ...kubernetes('pod', 'memory'),
  ['cpu', 'usage', 'container', ['container.cpu.usage', 'k8s.container.cpu.usage']],
  ['cpu', 'usage-counter', 'container', ['container.cpu.time']],
  ['cpu', 'usage-counter', 'container', ['container.cpu.usage.total'], 1e-9],
  ['cpu', 'limit', 'container', ['container.cpu.limit']],
  ['cpu', 'held-back', 'container', ['container.cpu.throttling_data.throttled_periods']],
  ['cpu', 'periods', 'container', ['container.cpu.throttling_data.periods']],
  ['cpu', 'usage', 'pod', ['k8s.pod.cpu.usage']],
  ['cpu', 'usage-counter', 'pod', ['k8s.pod.cpu.time']],
  [
    ...(['memory', 'usage', 'container'] as const),
    ['container.memory.working_set', 'container.memory.usage', 'container.memory.usage.total'],
  ],
  ['memory', 'usage', 'container', ['process.memory.usage', 'process.memory.physical_usage']],
  ['memory', 'limit', 'container', ['container.memory.limit']],
  ['memory', 'usage', 'pod', ['k8s.pod.memory.working_set', 'k8s.pod.memory.usage']],
  ['heap', 'usage', 'sender', ['jvm.memory.used', 'process.runtime.jvm.memory.usage']],
  ['heap', 'request', 'sender', ['jvm.memory.committed', 'process.runtime.jvm.memory.committed']],
  ['connections', 'usage', 'sender', ['db.client.connection.count', 'db.client.connections.usage']],
  ['connections', 'limit', 'sender', ['db.client.connection.max', 'db.client.connections.max']],
  [
    ...(['connections', 'pending', 'sender'] as const),
    ['db.client.connection.pending_requests', 'db.client.connections.pending_requests'],
  ],
  ['connections', 'waits', 'sender', ['db.client.connection.wait_time']],
  ['connections', 'waits', 'sender', ['db.client.connections.wait_time'], 1e-3],
  ['connections', 'uses', 'sender', ['db.client.connection.use_time']],
  ['connections', 'uses', 'sender', ['db.client.connections.use_time'], 1e-3],
];

export const USAGE_METRICS: ReadonlyMap<string, UsageMetric> = new Map(
  ROWS.flatMap(([resource, role, owner, names, factor = 1], row) =>
    names.map((name, place) => [name, { resource, role, owner, factor, rank: row * 10 + place }] as const),
  ),
);
