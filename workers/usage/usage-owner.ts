import type { Attribute } from '../columns/index.ts';
import { anyValueText } from '../json/index.ts';
import type { UsageMetric } from './usage-metrics.ts';

/** Whose resource a point is about. */
export interface OwnerOfUsage {
  /** One container, pod, process or pool: points of several senders meet here. */
  readonly instance: string;
  /** What has the same settings as its siblings: a deployment's container, a service's pool. */
  readonly workload: string;
  /** The workload, as a person would call it; empty for the service itself. */
  readonly name: string;
}

const WORKLOADS = [
  ...['k8s.deployment.name', 'k8s.statefulset.name', 'k8s.daemonset.name', 'k8s.cronjob.name'],
  ...['k8s.job.name', 'k8s.replicaset.name'],
];
const POOLS = ['db.client.connection.pool.name', 'db.client.connections.pool.name', 'pool.name'];

/** `undefined` where nothing says whose it is. */
export function ownerOfUsage(
  { owner, resource }: Pick<UsageMetric, 'owner' | 'resource'>,
  resourceAttributes: readonly Attribute[],
  attributes: readonly Attribute[],
): OwnerOfUsage | undefined {
  const texts = new Map([...resourceAttributes, ...attributes].map(({ key, value }) => [key, value]));
  const text = (key: string): string => {
    const value = texts.get(key);
    return value === undefined ? '' : anyValueText(value);
  };
  const first = (keys: readonly string[]): string => keys.map(text).find((found) => found !== '') ?? '';
  const namespace = text('k8s.namespace.name');
  const pod = text('k8s.pod.name') === '' ? text('k8s.pod.uid') : text('k8s.pod.name');
  const container = text('k8s.container.name');
  if (owner === 'sender') {
    const pool = resource === 'connections' ? first(POOLS) : '';
    const sender =
      first(['service.instance.id', 'k8s.pod.uid', 'container.id']) ||
      ['host.name', 'process.pid'].map(text).join(' ');
    return { ...keysOf([sender, pool], [pool]), name: pool };
  }
  if (owner === 'pod') {
    if (pod === '') return undefined;
    const workload = first(WORKLOADS);
    return { ...keysOf([namespace, pod], [namespace, workload || pod]), name: workload || pod };
  }
  if (pod !== '' && container !== '') {
    const workload = first(WORKLOADS);
    return {
      ...keysOf([namespace, pod, container], [namespace, workload, container]),
      name: workload === '' || workload === container ? container : `${container} of ${workload}`,
    };
  }
  const id = text('container.id');
  const name = text('container.name');
  return id === '' ? undefined : { ...keysOf([id], [name || id]), name: name || id.slice(0, 12) };
}

function keysOf(
  instance: readonly string[],
  workload: readonly string[],
): Pick<OwnerOfUsage, 'instance' | 'workload'> {
  return { instance: JSON.stringify(instance), workload: JSON.stringify(workload) };
}
