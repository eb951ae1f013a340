import type {
  MetricJson,
  MetricPointJson,
  MetricSeriesJson,
  NumberValueJson,
} from '../../../proto/api/index.ts';
import { textOfValue } from '../../ui/any-value.ts';

export interface MetricValue {
  /** Unix ms. */
  readonly x: number;
  /** null is a gap. */
  readonly y: number | null;
}

/** What is drawn of a metric: a counter as its rate, a distribution as the mean of each interval, others as sent. */
export type Drawn = 'value' | 'rate' | 'mean' | 'quantile';

export function drawnOf(metric: MetricJson): Drawn {
  if (metric.kind === 'histogram' || metric.kind === 'exponentialHistogram') return 'mean';
  if (metric.kind === 'summary') return 'quantile';
  return metric.kind === 'sum' && metric.monotonic ? 'rate' : 'value';
}

const CUMULATIVE = 2;
const NO_RECORDED_VALUE = 1;
/** A hole of more than this many usual intervals is a gap. */
const GAP_INTERVALS = 3;

interface Sample {
  readonly ms: number;
  readonly startMs: number;
  /** Value, sum of a distribution, or the highest quantile of a summary. */
  readonly value: number;
  readonly count: number;
  readonly isGap: boolean;
}

const msOf = (unixNano: string) => Number(BigInt(unixNano || '0') / 1_000n) / 1_000;

function numberOf(value: NumberValueJson): number {
  if (value === null) return NaN;
  return 'asInt' in value ? Number(value.asInt) : Number(value.asDouble);
}

function sampleOf(point: MetricPointJson): Sample {
  const shared = {
    ms: msOf(point.timeUnixNano),
    startMs: msOf(point.startTimeUnixNano),
    isGap: (point.flags & NO_RECORDED_VALUE) !== 0,
  };
  if ('value' in point) return { ...shared, value: numberOf(point.value), count: 1 };
  if ('quantiles' in point) {
    return { ...shared, value: Number(point.quantiles.at(-1)?.value), count: Number(point.count) };
  }
  return { ...shared, value: Number(point.sum ?? NaN), count: Number(point.count) };
}

/** What grew between two cumulative samples; from zero when the counter began anew in between. */
function grown(before: Sample | undefined, now: Sample) {
  const isReset =
    before === undefined || now.count < before.count || now.value < before.value || now.startMs > before.ms;
  if (!isReset) {
    return { value: now.value - before.value, count: now.count - before.count, fromMs: before.ms };
  }
  return {
    value: now.value,
    count: now.count,
    fromMs: before === undefined ? now.startMs : Math.max(before.ms, now.startMs),
  };
}

function drawnValue(
  drawn: Drawn,
  isCumulative: boolean,
  before: Sample | undefined,
  now: Sample,
): number | null {
  if (now.isGap || Number.isNaN(now.value)) return null;
  if (drawn === 'value' || drawn === 'quantile') return now.value;
  // The first of a cumulative series counts from a start that may be long ago.
  if (isCumulative && before === undefined) return null;
  const step = isCumulative ? grown(before, now) : { ...now, fromMs: now.startMs };
  if (drawn === 'mean') return step.count > 0 ? step.value / step.count : null;
  return now.ms > step.fromMs ? (step.value / (now.ms - step.fromMs)) * 1_000 : null;
}

function usualIntervalMs(samples: readonly Sample[]): number {
  const intervals = samples.slice(1).map((sample, at) => sample.ms - (samples[at]?.ms ?? 0));
  return intervals.sort((one, other) => one - other)[Math.floor(intervals.length / 2)] ?? Infinity;
}

export function valuesOf(series: MetricSeriesJson): MetricValue[] {
  const drawn = drawnOf(series.metric);
  const isCumulative = series.metric.temporality === CUMULATIVE;
  const samples = series.points.map(sampleOf);
  const gapMs = usualIntervalMs(samples) * GAP_INTERVALS;
  const values: MetricValue[] = [];
  samples.forEach((sample, at) => {
    const before = samples[at - 1];
    if (before !== undefined && sample.ms - before.ms > gapMs) values.push({ x: before.ms + 1, y: null });
    values.push({ x: sample.ms, y: drawnValue(drawn, isCumulative, before, sample) });
  });
  return values;
}

/** `cart · http.route=/cart`: what tells a series from the others of its metric. */
export function seriesLabel(series: MetricSeriesJson): string {
  const attributes = series.attributes.map(({ key, value }) => `${key}=${textOfValue(value)}`);
  return [series.service.name, ...attributes].join(' · ');
}
