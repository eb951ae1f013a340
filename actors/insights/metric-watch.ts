import { serviceIdOf, type Batch, type ServiceBatch } from '../../proto/columns/index.ts';
import { dictionaryReader } from '../../workers/columns/index.ts';
import { anyValueText } from '../../workers/json/index.ts';
import { PointKind, type PointTally } from '../../workers/watch/index.ts';
import type { JudgeBatch } from './judge-batch.ts';
import { signalOfMetric } from './metric-signals.ts';
import type { SeriesRegistry } from './series-registry.ts';
import type { SeriesIdentity, WatchedSeries } from './watched-series.ts';

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
  /** For how long there was nothing of it while its service was watched; taken once. */
  silentSeconds: number;
  lastMs: number;
  startMs: number;
  lastValue: number;
  lastSum: number;
}

/** Points of all metric series, as values or as increments. */
export class MetricWatch {
  private readonly registry: SeriesRegistry;
  private readonly byHash = new Map<number, MetricSeries>();
  private readonly processes = new Map<string, number>();
  private readonly mostSeries: number;
  /** Points of series that found no place. */
  unwatched = 0;

  constructor(registry: SeriesRegistry, mostSeries: number) {
    this.registry = registry;
    this.mostSeries = mostSeries;
  }

  /** `parts` are those that the tally's places mean. */
  add(tally: PointTally, parts: readonly ServiceBatch[], batch: JudgeBatch, nowMs: number): void {
    const { hashes, kinds, timesMs, startsMs, values, sums, places, rows } = tally;
    for (let index = 0; index < hashes.length; index += 1) {
      const hash = hashes[index] ?? 0;
      const kind = kinds[index] ?? 0;
      let series = this.byHash.get(hash);
      if (series === undefined || !this.isAlive(series)) {
        const part = parts[places[index] ?? 0];
        series = part && this.start(part, rows[index] ?? 0, kind, nowMs);
        if (series === undefined || (this.byHash.size >= this.mostSeries && !this.byHash.has(hash))) {
          this.unwatched += 1;
          continue;
        }
        this.byHash.set(hash, series);
      }
      const point = {
        ms: timesMs[index] ?? 0,
        startMs: startsMs[index] ?? 0,
        value: values[index] ?? 0,
        sum: sums[index] ?? 0,
      };
      addPoint(series, kind, point, batch);
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

  private isAlive({ level, events }: MetricSeries): boolean {
    return [level, events].every((each) => each === undefined || this.registry.find(each.key) === each);
  }

  private start(part: ServiceBatch, row: number, kind: number, nowMs: number): MetricSeries | undefined {
    const identity = identityOf(part, row);
    const isHistogram = kind >= PointKind.cumulativeHistogram;
    const isQuantity = QUANTITIES.has(identity.unit);
    const isEvents = isHistogram || (kind !== PointKind.gauge && !isQuantity);
    const isLevel = isHistogram || !isEvents;
    const events = isEvents
      ? this.registry.ensure(
          {
            ...identity,
            test: 'count',
            signal: isHistogram ? 'requests' : identity.signal,
            unit: '1/s',
            name: `${identity.name}${isHistogram ? ' count' : ''}`,
          },
          nowMs,
        )
      : undefined;
    const isRate = isLevel && kind !== PointKind.gauge && !isHistogram;
    const level = isLevel
      ? this.registry.ensure(
          { ...identity, test: 'point', unit: isRate ? `${identity.unit}/s` : identity.unit },
          nowMs,
        )
      : undefined;
    if (level === undefined && events === undefined) return undefined;
    const silentSeconds = (nowMs - this.processSeenMs(identity, nowMs)) / 1_000;
    return { level, events, silentSeconds, lastMs: 0, startMs: 0, lastValue: 0, lastSum: 0 };
  }
}

interface Point {
  readonly ms: number;
  readonly startMs: number;
  readonly value: number;
  readonly sum: number;
}

function addPoint(series: MetricSeries, kind: number, point: Point, batch: JudgeBatch): void {
  if (!(point.ms > series.lastMs)) return;
  if (kind === PointKind.gauge) {
    series.lastMs = point.ms;
    if (series.level) batch.addPoint(series.level, point.ms, point.value);
    return;
  }
  const isDelta = kind === PointKind.deltaCount || kind === PointKind.deltaHistogram;
  const fromMs = isDelta && point.startMs > 0 ? point.startMs : series.lastMs;
  const isFollowed = isDelta || (point.value >= series.lastValue && point.startMs === series.startMs);
  const increment = isDelta ? point.value : point.value - series.lastValue;
  const sum = isDelta ? point.sum : point.sum - series.lastSum;
  const seconds = (point.ms - fromMs) / 1_000;
  const isFirst = series.lastMs === 0 && !isDelta;
  series.lastMs = point.ms;
  series.startMs = point.startMs;
  series.lastValue = point.value;
  series.lastSum = point.sum;
  if (isFirst || !isFollowed || !(seconds > 0) || seconds * 1_000 > LONGEST_GAP_MS) return;
  if (series.events) batch.addCount(series.events, point.ms, increment, seconds, series.silentSeconds);
  series.silentSeconds = 0;
  if (!series.level) return;
  if (kind >= PointKind.cumulativeHistogram) {
    if (increment > 0) batch.addPoint(series.level, point.ms, sum / increment);
  } else {
    batch.addPoint(series.level, point.ms, increment / seconds);
  }
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
