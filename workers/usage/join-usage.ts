import type { SizedResource, UsageObservation } from '../kernels/sizing/index.ts';
import type { UsageSeries } from './collect-usage.ts';
import type { UsageRole } from './usage-metrics.ts';

/** What was seen of a resource that all instances of a workload have alike. */
export interface WorkloadUsage {
  readonly resource: SizedResource;
  /** Service id: of whoever sent the usage. */
  readonly service: string;
  readonly workload: string;
  readonly name: string;
  /** That says what is used, or waited for. */
  readonly metric: string;
  /** Whether usage is in cores, bytes and connections, not in shares of the limit or the request. */
  readonly isAbsolute: boolean;
  readonly observation: UsageObservation;
}

/** Larger limits are none: a cgroup without one says almost 2^63. */
const NO_LIMIT = 2 ** 50;

type Roles = ReadonlyMap<UsageRole, UsageSeries>;

/**
 * What threads have collected, by workload; what nobody can judge (usage without a limit, a limit without usage) is left out.
 * Points of an instance that came from different senders meet here.
 */
export function joinUsage(shares: readonly (readonly UsageSeries[])[]): WorkloadUsage[] {
  const workloads = new Map<string, { usage: WorkloadUsage; observations: UsageObservation[] }>();
  const instances = [...rolesByInstance(shares).values()].flatMap((roles) => {
    const usage = usageOf(roles);
    return usage ? [usage] : [];
  });
  const told = new Set(instances.map(podOfContainer));
  for (const { owner, instance, ...usage } of instances) {
    // A pod's containers say more.
    if (owner === 'pod' && told.has(podKey(usage.resource, JSON.parse(instance)))) continue;
    const key = JSON.stringify([usage.service, usage.resource, usage.workload, usage.isAbsolute]);
    const known = workloads.get(key);
    if (known) known.observations.push(usage.observation);
    else workloads.set(key, { usage, observations: [usage.observation] });
  }
  return Array.from(workloads.values(), ({ usage, observations }) => ({
    ...usage,
    observation: together(observations),
  }));
}

type InstanceUsage = WorkloadUsage & Pick<UsageSeries, 'owner' | 'instance'>;

/** Empty where it is no container's. */
function podOfContainer({ owner, instance, resource }: InstanceUsage): string {
  return owner === 'container' ? podKey(resource, JSON.parse(instance)) : '';
}

/** Of an instance as `ownerOfUsage` names it: namespace and pod come first. */
function podKey(resource: SizedResource, instance: unknown): string {
  return JSON.stringify([resource, ...(instance as readonly string[]).slice(0, 2)]);
}

/** Of each role the metric that is first in rank. */
function rolesByInstance(
  shares: readonly (readonly UsageSeries[])[],
): Map<string, Map<UsageRole, UsageSeries>> {
  const instances = new Map<string, Map<UsageRole, UsageSeries>>();
  for (const series of shares.flat()) {
    const { resource, owner, instance, role, rank, metric } = series;
    const who = owner === 'sender' ? series.service : '';
    const key = JSON.stringify([who, resource, owner, instance]);
    const roles = instances.get(key) ?? new Map<UsageRole, UsageSeries>();
    instances.set(key, roles);
    const known = roles.get(role);
    if (!known || rank < known.rank) roles.set(role, series);
    else if (known.metric === metric) roles.set(role, merged(known, series));
  }
  return instances;
}

function merged(one: UsageSeries, other: UsageSeries): UsageSeries {
  const sum = (a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): Map<number, number> => {
    const all = new Map(a);
    for (const [time, value] of b) all.set(time, (all.get(time) ?? 0) + value);
    return all;
  };
  return {
    ...one,
    values: sum(one.values, other.values),
    sums: sum(one.sums, other.sums),
    seconds: new Map([...one.seconds, ...other.seconds]),
  };
}

function usageOf(roles: Roles): InstanceUsage | undefined {
  const measured = measuredOf(roles);
  const shown = measured?.series ?? roles.get('pending') ?? roles.get('waits');
  const observation = observationOf(roles, measured);
  if (!shown || !canBeJudged(observation)) return undefined;
  const { resource, service, workload, name, metric, owner, instance } = shown;
  const isAbsolute = measured?.isAbsolute ?? true;
  return { resource, service, workload, name, metric, owner, instance, isAbsolute, observation };
}

function observationOf(roles: Roles, measured: Measured | undefined): UsageObservation {
  const pending = [...(roles.get('pending')?.values.values() ?? [])];
  const increase = (role: UsageRole, which: 'values' | 'sums'): number => increaseOf(roles.get(role), which);
  return {
    usage: measured?.usage ?? new Float64Array(0),
    limit: measured?.limit ?? lastOf(roles.get('limit')),
    reserved: measured?.reserved ?? lastOf(roles.get('request')) ?? greatestOf(roles.get('open')),
    instances: measured ? 1 : 0,
    looked: pending.length + increase('periods', 'values'),
    pressed: pending.filter((value) => value > 0).length + increase('held-back', 'values'),
    waits: increase('waits', 'values'),
    waitSeconds: increase('waits', 'sums'),
    uses: increase('uses', 'values'),
    useSeconds: increase('uses', 'sums'),
  };
}

function canBeJudged({ usage, limit, reserved, looked, waits }: UsageObservation): boolean {
  return (usage.length > 0 && (limit ?? reserved) !== undefined) || looked > 0 || waits > 0;
}

interface Measured {
  readonly series: UsageSeries;
  readonly usage: Float64Array;
  readonly isAbsolute: boolean;
  readonly limit?: number;
  readonly reserved?: number;
}

function measuredOf(roles: Roles): Measured | undefined {
  const usage = roles.get('usage');
  if (usage) return { series: usage, usage: Float64Array.from(usage.values.values()), isAbsolute: true };
  const counter = roles.get('usage-counter');
  if (counter) return { series: counter, usage: ratesOf(counter), isAbsolute: true };
  const ofLimit = roles.get('limit-share');
  const ofRequest = roles.get('request-share');
  const limit = lastOf(roles.get('limit'));
  if (ofLimit) {
    const shares = Float64Array.from(ofLimit.values.values());
    if (limit !== undefined) {
      return { series: ofLimit, usage: shares.map((share) => share * limit), isAbsolute: true };
    }
    const reserved = ofRequest && meanOf(ofLimit) / meanOf(ofRequest);
    const isKnown = reserved !== undefined && reserved > 0 && reserved < Infinity;
    return { series: ofLimit, usage: shares, isAbsolute: false, limit: 1, ...(isKnown && { reserved }) };
  }
  if (!ofRequest) return undefined;
  return {
    ...{ series: ofRequest, usage: Float64Array.from(ofRequest.values.values()), isAbsolute: false },
    reserved: 1,
  };
}

function inTime(values: ReadonlyMap<number, number>): [number, number][] {
  return [...values].sort(([a], [b]) => a - b);
}

/** What grew in the meantime; a counter that began anew is passed over. */
function increaseOf(series: UsageSeries | undefined, which: 'values' | 'sums'): number {
  if (!series) return 0;
  const values = inTime(series[which]).map(([, value]) => value);
  if (series.isDelta) return values.reduce((sum, value) => sum + value, 0);
  return values.slice(1).reduce((sum, value, at) => sum + Math.max(0, value - (values[at] ?? value)), 0);
}

/** A second, between each two points or over what a delta covers. */
function ratesOf({ values, seconds, isDelta }: UsageSeries): Float64Array {
  const points = inTime(values);
  const rates = points.map(([time, value], at) => {
    if (isDelta) return value / (seconds.get(time) ?? Number.NaN);
    const [timeBefore, before] = points[at - 1] ?? [Number.NaN, Number.NaN];
    return value < before ? Number.NaN : ((value - before) / (time - timeBefore)) * 1e3;
  });
  return Float64Array.from(rates.filter(Number.isFinite));
}

function lastOf(series: UsageSeries | undefined): number | undefined {
  const value = series && inTime(series.values).at(-1)?.[1];
  return value !== undefined && value > 0 && value < NO_LIMIT ? value : undefined;
}

function greatestOf(series: UsageSeries | undefined): number | undefined {
  return series && [...series.values.values()].reduce((most, value) => Math.max(most, value), 0);
}

function meanOf({ values }: UsageSeries): number {
  return [...values.values()].reduce((sum, value) => sum + value, 0) / values.size;
}

function together(all: readonly UsageObservation[]): UsageObservation {
  const sum = (key: 'instances' | 'looked' | 'pressed' | 'waits' | 'waitSeconds' | 'uses' | 'useSeconds') =>
    all.reduce((total, one) => total + one[key], 0);
  const most = (key: 'limit' | 'reserved'): number | undefined => {
    const known = all.flatMap((one) => one[key] ?? []);
    return known.length === 0 ? undefined : Math.max(...known);
  };
  return {
    usage: Float64Array.from(all.flatMap(({ usage }) => [...usage])),
    ...{ limit: most('limit'), reserved: most('reserved'), instances: sum('instances') },
    ...{ looked: sum('looked'), pressed: sum('pressed'), waits: sum('waits') },
    ...{ waitSeconds: sum('waitSeconds'), uses: sum('uses'), useSeconds: sum('useSeconds') },
  };
}
