import { learnCeiling } from '../../workers/kernels/saturation/index.ts';
import type { QueryRun } from '../ports/index.ts';
import type { PrometheusEngine } from '../query/index.ts';
import { rangeSeries, type RangeSeries, type StepGrid } from '../outlook/index.ts';
import type { SaturatingMetric } from './saturating-metrics.ts';

type Labels = Readonly<Record<string, string>>;

/** Something that can be full. */
export interface Resource {
  readonly metric: SaturatingMetric;
  /** What tells it from others of its metric. */
  readonly labels: Labels;
  readonly current: number;
  readonly limit: number;
  /** PromQL of what is used. */
  readonly query: string;
}

/** Series of one metric that are looked at; more are a matter of cardinality, not of capacity. */
const MOST_SERIES = 10_000;

/** The resources of one metric as they are now. */
export async function findResources(
  prometheus: Pick<PrometheusEngine, 'evaluate'>,
  metric: SaturatingMetric,
  nowMs: number,
  run: QueryRun,
): Promise<Resource[]> {
  const read = async (name: string): Promise<readonly RangeSeries[]> => {
    const grid = { startUnixMs: nowMs, stepMs: 1_000, count: 1 };
    return (await rangeSeries(prometheus, selector(name, {}), grid, MOST_SERIES, run)).series;
  };
  const used = grouped(await read(metric.name));
  const limits = metric.limit.type === 'metric' ? grouped(await read(metric.limit.name)) : undefined;
  return [...used.values()].flatMap((group) => {
    const limit = limitOf(group, metric, limits);
    if (limit === undefined || !(limit > 0 && limit < Infinity)) return [];
    const sum = total(group.members.filter(isUsed(group.members)));
    const current = metric.isAvailable ? limit - sum : sum;
    if (!Number.isFinite(current)) return [];
    return [{ metric, labels: group.labels, current, limit, query: queryOf(metric, group) }];
  });
}

/** Metrics without a limit that are looked at, and series of each: their past is read. */
const MOST_UNLIMITED = 30;
const MOST_LEARNED = 100;

/** Resources whose limit their own past shows; see `learnCeiling`. */
export async function learnResources(
  prometheus: Pick<PrometheusEngine, 'evaluate'>,
  metrics: readonly SaturatingMetric[],
  past: StepGrid,
  run: QueryRun,
): Promise<Resource[]> {
  const found: Resource[] = [];
  for (const metric of metrics.slice(0, MOST_UNLIMITED)) {
    const { series } = await rangeSeries(prometheus, selector(metric.name, {}), past, MOST_LEARNED, run);
    for (const group of grouped(series).values()) {
      const used = group.members.filter(isUsed(group.members));
      const values = Float64Array.from({ length: past.count }, (_, at) => total(used, at));
      const limit = learnCeiling(values);
      const current = values.at(-1) ?? Number.NaN;
      if (limit === undefined || !(limit > 0) || !Number.isFinite(current)) continue;
      found.push({ metric, labels: group.labels, current, limit, query: queryOf(metric, group) });
    }
  }
  return found;
}

interface Group {
  readonly labels: Labels;
  readonly members: RangeSeries[];
}

function limitOf(
  { labels, members }: Group,
  { limit }: SaturatingMetric,
  limits: ReadonlyMap<string, Group> | undefined,
): number | undefined {
  switch (limit.type) {
    case 'whole':
      return 1;
    case 'states':
      return total(members);
    case 'learned':
      return undefined;
    case 'metric': {
      const group = limits?.get(keyOf(labels));
      return group && total(group.members);
    }
  }
}

const isState = (name: string): boolean =>
  name === 'state' || name.endsWith('.state') || name.endsWith('_state');
/** Pools of one heap share its limit. */
const isPart = (name: string): boolean => isState(name) || name === 'jvm.memory.pool.name';
const isAboutSender = (name: string): boolean => name === '__name__' || name.startsWith('otel_scope_');

/** States and pools of one thing together. */
function grouped(series: readonly RangeSeries[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const one of series) {
    const labels = Object.fromEntries(
      Object.entries(one.labels).filter(([name]) => !isPart(name) && !isAboutSender(name)),
    );
    const key = keyOf(labels);
    const group = groups.get(key) ?? { labels, members: [] };
    group.members.push(one);
    groups.set(key, group);
  }
  return groups;
}

function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const total = (members: readonly RangeSeries[], at = 0): number =>
  members.reduce((sum, { values }) => sum + (values[at] ?? Number.NaN), 0);

const stateOf = ({ labels }: RangeSeries): string | undefined =>
  Object.entries(labels).find(([name]) => isState(name))?.[1];

/** Of states there are either those that are used, or all that are not idle or free. */
function isUsed(members: readonly RangeSeries[]): (series: RangeSeries) => boolean {
  const states = new Set(members.map(stateOf));
  if (states.has('used')) return (series) => stateOf(series) === 'used';
  return (series) => !UNUSED.includes(stateOf(series) ?? '');
}

const UNUSED = ['idle', 'free'];

function queryOf(metric: SaturatingMetric, { labels, members }: Group): string {
  const state = members.flatMap((one) => Object.keys(one.labels)).find(isState);
  const states = new Set(members.map(stateOf));
  const condition =
    state === undefined
      ? []
      : [`${quoted(state)}${states.has('used') ? '="used"' : `!~"${UNUSED.join('|')}"`}`];
  const used = `sum(${selector(metric.name, labels, condition)})`;
  if (!metric.isAvailable || metric.limit.type !== 'metric') return used;
  return `sum(${selector(metric.limit.name, labels)}) - ${used}`;
}

/** By names as they were sent, in the spelling of Prometheus 3. */
function selector(name: string, labels: Labels, more: readonly string[] = []): string {
  const conditions = Object.entries(labels).map(([label, value]) => `${quoted(label)}=${quoted(value)}`);
  return `{${[`__name__=${quoted(name)}`, ...conditions, ...more].join(', ')}}`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
