import {
  serviceIdOf,
  type Batch,
  type ServiceBatch,
  type ServiceId,
  type ServiceKey,
} from '../../proto/columns/index.ts';
import { dictionaryReader } from '../../workers/columns/index.ts';
import { anyValueText } from '../../workers/json/index.ts';
import { PointKind, type PointTally } from '../../workers/watch/index.ts';
import type { CrowdedOut } from './insight-counters.ts';
import type { JudgeBatch } from './judge-batch.ts';
import { signalOfMetric } from './metric-signals.ts';
import type { SeriesRegistry } from './series-registry.ts';
import type { Reports, SilenceWatch } from './silence-watch.ts';
import type { SeriesIdentity, WatchedSeries } from './watched-series.ts';

/** What the platform says of the engine's own work, which would answer itself, and of calls, whose spans are watched. */
const OWN_UNWATCHED = ['ophion.insights.', 'traces_service_graph_'];
const MOST_LABELS = 16;
const LONGEST_TEXT = 200;
const MOST_PROCESSES = 20_000;
const INSTANCE = 'service.instance.id';
const IDLE_MS = 3_600_000;
/** A counter is no more followed over a gap than over a start. */
const LONGEST_GAP_MS = 300_000;
/** Quantities that are no events: their rates are levels. */
const QUANTITIES: ReadonlySet<string> = new Set([
  'By',
  'KiBy',
  'MiBy',
  'GiBy',
  'KBy',
  'MBy',
  's',
  'ms',
  'us',
  'ns',
  'J',
]);

/** One OTLP series: a level, or events (a counter, a histogram's count), or events and the mean of what they measure. */
interface MetricSeries {
  readonly level: WatchedSeries | undefined;
  readonly events: WatchedSeries | undefined;
  readonly reports: Reports | undefined;
  /** For how long there was nothing of it while its service was watched; taken once. */
  silentSeconds: number;
  lastMs: number;
  startMs: number;
  lastValue: number;
  lastSum: number;
}

export interface MetricWatchOptions {
  readonly mostSeries: number;
  readonly self: ServiceKey;
  readonly crowdedOut: CrowdedOut;
}

/** Points of all metric series, as values or as increments. */
export class MetricWatch {
  private readonly registry: SeriesRegistry;
  private readonly silence: SilenceWatch;
  private readonly byHash = new Map<number, MetricSeries>();
  private readonly processes = new Map<string, number>();
  private readonly mostSeries: number;
  private readonly selfId: ServiceId;
  private readonly crowdedOut: CrowdedOut;

  constructor(
    registry: SeriesRegistry,
    silence: SilenceWatch,
    { mostSeries, self, crowdedOut }: MetricWatchOptions,
  ) {
    this.crowdedOut = crowdedOut;
    this.selfId = serviceIdOf(self);
    this.registry = registry;
    this.silence = silence;
    this.mostSeries = mostSeries;
  }

  /** `parts` are those that the tally's places mean. */
  add(tally: PointTally, parts: readonly ServiceBatch[], batch: JudgeBatch, nowMs: number): void {
    for (let index = 0; index < tally.hashes.length; index += 1) {
      const point = pointAt(tally, index);
      const part = parts[tally.places[index] ?? 0];
      const series = part && this.seriesOf(tally.hashes[index] ?? 0, part, point, nowMs);
      if (series === undefined) continue;
      if (series.reports) this.silence.reported(series.reports, nowMs);
      addPoint(series, point, batch);
    }
  }

  sweep(nowMs: number): void {
    for (const [hash, { lastMs }] of this.byHash) if (nowMs - lastMs > IDLE_MS) this.byHash.delete(hash);
  }

  /** When the process that a series is of was first heard of: a new one has new series, which say nothing. */
  private processSeenMs({ serviceId, labels }: Omit<SeriesIdentity, 'test'>, nowMs: number): number {
    const key = `${serviceId} ${labels[INSTANCE] ?? ''}`;
    const known = this.processes.get(key);
    if (known !== undefined) return known;
    if (this.processes.size < MOST_PROCESSES) this.processes.set(key, nowMs);
    return nowMs;
  }

  private isLeftOut({ serviceId, name }: Omit<SeriesIdentity, 'test'>): boolean {
    return serviceId === this.selfId && OWN_UNWATCHED.some((prefix) => name.startsWith(prefix));
  }

  private isAlive({ level, events }: MetricSeries): boolean {
    return [level, events].every((each) => each === undefined || this.registry.find(each.key) === each);
  }

  private seriesOf(hash: number, part: ServiceBatch, point: Point, nowMs: number): MetricSeries | undefined {
    const known = this.byHash.get(hash);
    if (known !== undefined && this.isAlive(known)) return known;
    if (known === undefined && this.byHash.size >= this.mostSeries) {
      this.crowdedOut.series += 1;
      return undefined;
    }
    const series = this.start(identityOf(part, point.row), point.kind, nowMs);
    if (series !== undefined) this.byHash.set(hash, series);
    return series;
  }

  private start(
    identity: Omit<SeriesIdentity, 'test'>,
    kind: number,
    nowMs: number,
  ): MetricSeries | undefined {
    const isLeftOut = this.isLeftOut(identity);
    const { level, events } = isLeftOut ? {} : meaningOf(identity, kind);
    const series = {
      level: level && this.registry.ensure(level, nowMs),
      events: events && this.registry.ensure(events, nowMs),
      // Deltas are often left out where nothing happened.
      reports: isDelta(kind) ? undefined : this.silence.reportsOf(identity, nowMs),
      silentSeconds: (nowMs - this.processSeenMs(identity, nowMs)) / 1_000,
      lastMs: 0,
      startMs: 0,
      lastValue: 0,
      lastSum: 0,
    };
    const isWatched = isLeftOut || series.level !== undefined || series.events !== undefined;
    return isWatched ? series : undefined;
  }
}

interface Point {
  readonly kind: number;
  readonly ms: number;
  readonly startMs: number;
  readonly value: number;
  readonly sum: number;
  readonly row: number;
}

function pointAt(tally: PointTally, index: number): Point {
  return {
    kind: tally.kinds[index] ?? 0,
    ms: tally.timesMs[index] ?? 0,
    startMs: tally.startsMs[index] ?? 0,
    value: tally.values[index] ?? 0,
    sum: tally.sums[index] ?? 0,
    row: tally.rows[index] ?? 0,
  };
}

function isDelta(kind: number): boolean {
  return kind === PointKind.deltaCount || kind === PointKind.deltaHistogram;
}

function isHistogram(kind: number): boolean {
  return kind === PointKind.cumulativeHistogram || kind === PointKind.deltaHistogram;
}

/** Which series one of OTLP is watched as: a level, events, or for histograms both. */
function meaningOf(
  identity: Omit<SeriesIdentity, 'test'>,
  kind: number,
): { readonly level?: SeriesIdentity; readonly events?: SeriesIdentity } {
  const { name, unit } = identity;
  if (isHistogram(kind)) {
    const events = { ...identity, signal: 'requests', name: `${name} count`, unit: '1/s' } as const;
    return { level: { ...identity, test: 'point' }, events: { ...events, test: 'count' } };
  }
  if (kind === PointKind.gauge) return { level: { ...identity, test: 'point' } };
  if (QUANTITIES.has(unit)) return { level: { ...identity, test: 'point', unit: `${unit}/s` } };
  return { events: { ...identity, test: 'count', unit: '1/s' } };
}

function addPoint(series: MetricSeries, point: Point, batch: JudgeBatch): void {
  if (!(point.ms > series.lastMs)) return;
  if (point.kind === PointKind.gauge) {
    series.lastMs = point.ms;
    if (series.level) batch.addPoint(series.level, point.ms, point.value);
    return;
  }
  const step = stepTo(series, point);
  series.lastMs = point.ms;
  series.startMs = point.startMs;
  series.lastValue = point.value;
  series.lastSum = point.sum;
  if (step === undefined) return;
  const { increment, sum, seconds } = step;
  if (series.events) batch.addCount(series.events, point.ms, increment, seconds, series.silentSeconds);
  series.silentSeconds = 0;
  if (!series.level) return;
  if (!isHistogram(point.kind)) batch.addPoint(series.level, point.ms, increment / seconds);
  else if (increment > 0) batch.addPoint(series.level, point.ms, sum / increment);
}

/** What was added since the last point; undefined at the first, over a gap, and where a counter began anew. */
function stepTo(
  series: MetricSeries,
  { kind, ms, startMs, value, sum }: Point,
): { readonly increment: number; readonly sum: number; readonly seconds: number } | undefined {
  if (isDelta(kind)) {
    const fromMs = startMs > 0 ? startMs : series.lastMs;
    return fromMs > 0 && ms > fromMs && ms - fromMs <= LONGEST_GAP_MS
      ? { increment: value, sum, seconds: (ms - fromMs) / 1_000 }
      : undefined;
  }
  const isFollowed = series.lastMs > 0 && value >= series.lastValue && startMs === series.startMs;
  if (!isFollowed || ms - series.lastMs > LONGEST_GAP_MS) return undefined;
  return {
    increment: value - series.lastValue,
    sum: sum - series.lastSum,
    seconds: (ms - series.lastMs) / 1_000,
  };
}

function identityOf({ service, batch }: ServiceBatch, row: number): Omit<SeriesIdentity, 'test'> {
  const { columns, dictionary } = batch as Batch<'metrics'>;
  const reader = dictionaryReader(dictionary);
  const { name, unit } = reader.metric(columns.metric[row] ?? 0);
  const labels: Record<string, string> = {};
  const { offsets, items } = columns.attributes;
  const end = Math.min(offsets[row + 1] ?? 0, (offsets[row] ?? 0) + MOST_LABELS);
  for (let at = offsets[row] ?? 0; at < end; at += 1) {
    const { key, value } = reader.attribute(items[at] ?? 0);
    labels[key.slice(0, LONGEST_TEXT)] = anyValueText(value).slice(0, LONGEST_TEXT);
  }
  const instance = reader.resource(columns.resource[row] ?? 0).attributes.find(({ key }) => key === INSTANCE);
  if (instance) labels[INSTANCE] = anyValueText(instance.value).slice(0, LONGEST_TEXT);
  return {
    service,
    serviceId: serviceIdOf(service),
    source: 'metric',
    signal: signalOfMetric(name),
    name: name.slice(0, LONGEST_TEXT),
    operation: '',
    peer: '',
    peerName: '',
    labels,
    unit: unit.slice(0, LONGEST_TEXT),
  };
}
