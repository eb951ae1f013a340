import type { MetricJson } from '../../proto/api/index.ts';

export type ResourceKind = 'disk' | 'memory' | 'cpu' | 'connections' | 'queue' | 'other';

/** Where the limit of a resource stands. */
export type LimitSource =
  /** Another metric, with the same attributes. */
  | { readonly type: 'metric'; readonly name: string }
  /** All states of the metric together: what is used, what is free, what is reserved. */
  | { readonly type: 'states' }
  /** A utilization: 1 is full. */
  | { readonly type: 'whole' }
  /** Its own past: where it was cut off again and again. */
  | { readonly type: 'learned' };

/** A metric of what is used of something that has a limit. */
export interface SaturatingMetric {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly unit: string;
  readonly limit: LimitSource;
  /** It says what is left, not what is used. */
  readonly isAvailable: boolean;
}

/**
 * Instruments are named by what they measure: `usage` is of a known total, `limit` is that total, `utilization` is their
 * quotient (OpenTelemetry semantic conventions, "Instrument naming"). Older and other names for the same follow.
 */
const LIMITS = ['limit', 'max', 'capacity'];
const USAGES = ['usage', 'used', 'count', 'size', 'current', 'total', 'in_use', 'queued'];
const AVAILABLES = ['available', 'free'];
const UTILIZATION = /[._]utili[sz]ation$/;
/** Split into states that sum to the total. */
const SPLIT = new Set(['system.filesystem.usage', 'system.memory.usage', 'system.paging.usage']);
const KINDS: readonly (readonly [RegExp, ResourceKind])[] = [
  [/filesystem|disk|volume|storage/, 'disk'],
  [/queue|backlog/, 'queue'],
  [/connection|pool/, 'connections'],
  [/memory|heap|paging|swap/, 'memory'],
  [/cpu/, 'cpu'],
];

/** Which of the metrics are of something that can be full. */
export function saturatingMetrics(metrics: readonly MetricJson[]): SaturatingMetric[] {
  const levels = new Map(metrics.filter(isLevel).map((metric) => [metric.name, metric]));
  const found = new Map<string, SaturatingMetric>();
  const add = (name: string, limit: LimitSource, isAvailable = false): void => {
    const metric = levels.get(name);
    if (!metric || found.has(name)) return;
    found.set(name, { kind: kindOf(name), name, unit: metric.unit, limit, isAvailable });
  };
  for (const limitName of levels.keys()) {
    const pair = pairOf(limitName, levels);
    if (pair) add(pair.name, { type: 'metric', name: limitName }, pair.isAvailable);
  }
  for (const name of SPLIT) add(name, { type: 'states' });
  const covered = new Set([...found.keys()].map(stemOf));
  for (const name of levels.keys()) {
    // The quotient of a pair says nothing new.
    if (UTILIZATION.test(name) && !covered.has(stemOf(name))) add(name, { type: 'whole' });
  }
  return [...found.values()];
}

/** Metrics of what is used of something that is known to run out, whose limit no metric says. */
export function unlimitedMetrics(metrics: readonly MetricJson[]): SaturatingMetric[] {
  const limited = new Set(saturatingMetrics(metrics).flatMap(({ name }) => [name, stemOf(name)]));
  return metrics
    .filter((metric) => isLevel(metric) && !limited.has(metric.name) && !limited.has(stemOf(metric.name)))
    .filter(({ name }) => USAGES.includes(lastOf(name)) && kindOf(name) !== 'other')
    .map(({ name, unit }) => ({
      ...{ kind: kindOf(name), name, unit, limit: { type: 'learned' }, isAvailable: false },
    }));
}

/** A value that stands for a while, up or down: not a count of what has happened. */
function isLevel({ kind, monotonic }: MetricJson): boolean {
  return kind === 'gauge' || (kind === 'sum' && !monotonic);
}

function pairOf(
  limitName: string,
  levels: ReadonlyMap<string, MetricJson>,
): { readonly name: string; readonly isAvailable: boolean } | undefined {
  const parts = /^(.+)([._])([^._]+)$/.exec(limitName);
  const [, stem = '', separator = '', last = ''] = parts ?? [];
  if (!LIMITS.includes(last)) return undefined;
  const names = (words: readonly string[]): string[] => words.map((word) => `${stem}${separator}${word}`);
  const used = [...names(USAGES), stem].find((name) => levels.has(name));
  if (used !== undefined) return { name: used, isAvailable: false };
  const left = names(AVAILABLES).find((name) => levels.has(name));
  return left === undefined ? undefined : { name: left, isAvailable: true };
}

function stemOf(name: string): string {
  return name.replace(/[._][^._]+$/, '');
}

function lastOf(name: string): string {
  return name.slice(stemOf(name).length + 1);
}

function kindOf(name: string): ResourceKind {
  return KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
}
