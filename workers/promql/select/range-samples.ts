import { isCounterReset } from '../histogram/counter-reset.ts';
import { histogramAt } from '../histogram/histogram-column.ts';
import { CounterReset, type NativeHistogram, withCounterReset } from '../histogram/native-histogram.ts';
import type { Labels } from '../model/labels.ts';
import { isStale, type Series } from '../model/series.ts';
import { Sample, type StepSeries } from '../evaluate/step-series.ts';
import { type Grid, timeAt } from '../evaluate/grid.ts';

/** Samples of one series without stale markers: what ranges are cut from. */
export class RangeSamples {
  readonly labels: Labels;
  readonly dropsName: boolean;
  readonly timestamps: Float64Array;
  /** NaN where the sample is a histogram. */
  readonly values: Float64Array;
  /** Undefined where all samples are floats; else undefined for each sample that is one. */
  readonly histograms: readonly (NativeHistogram | undefined)[] | undefined;
  readonly startTimestamps: Float64Array | undefined;
  /** How many samples there were up to each, it included, when it and its neighbours stand for others, too. */
  readonly ranks: Float64Array | undefined;

  constructor(parts: {
    labels: Labels;
    dropsName?: boolean;
    timestamps: Float64Array;
    values: Float64Array;
    histograms?: readonly (NativeHistogram | undefined)[] | undefined;
    startTimestamps?: Float64Array | undefined;
    weights?: Float64Array | undefined;
  }) {
    this.labels = parts.labels;
    this.dropsName = parts.dropsName ?? false;
    this.timestamps = parts.timestamps;
    this.values = parts.values;
    this.histograms = parts.histograms;
    this.startTimestamps = parts.startTimestamps;
    this.ranks = parts.weights && runningSum(parts.weights);
  }

  histogramAt(at: number): NativeHistogram | undefined {
    return this.histograms?.[at];
  }

  /** How many samples those from one up to another, it excluded, stand for. */
  countOf(from: number, to: number): number {
    return this.ranks === undefined ? to - from : (this.ranks[to - 1] ?? 0) - (this.ranks[from - 1] ?? 0);
  }

  /** From one sample to another there are so many steps, those to samples left out counted. */
  intervalsOf(from: number, last: number): number {
    return this.ranks === undefined ? last - from : (this.ranks[last] ?? 0) - (this.ranks[from] ?? 0);
  }
}

function runningSum(weights: Float64Array): Float64Array {
  let sum = 0;
  return weights.map((weight) => (sum += weight));
}

/**
 * `knowsResets`: each histogram says whether a counter reset lies before it, found by comparison with the sample
 * before it, as Prometheus finds it where a query needs no more than counts and sums.
 */
export function rangeSamplesOf(series: Series, knowsResets: boolean): RangeSamples {
  const { labels, timestamps, values, startTimestamps, weights } = series;
  const histograms = histogramsOf(series, knowsResets);
  if (!hasStale(series)) {
    return new RangeSamples({ labels, timestamps, values, histograms, startTimestamps, weights });
  }
  const kept: number[] = [];
  for (let at = 0; at < values.length; at++) if (!isStaleSample(series, at)) kept.push(at);
  return new RangeSamples({
    labels,
    timestamps: Float64Array.from(kept, (at) => timestamps[at] ?? 0),
    values: Float64Array.from(kept, (at) => values[at] ?? 0),
    histograms: histograms && kept.map((at) => histograms[at]),
    startTimestamps: startTimestamps && Float64Array.from(kept, (at) => startTimestamps[at] ?? 0),
    weights: weights && Float64Array.from(kept, (at) => weights[at] ?? 1),
  });
}

function hasStale(series: Series): boolean {
  const { values, histograms } = series;
  for (let at = 0; at < values.length; at++) {
    // Only NaN can be a marker; a histogram's stands in its sum.
    const mayBe = histograms !== undefined || Number.isNaN(values[at]);
    if (mayBe && isStaleSample(series, at)) return true;
  }
  return false;
}

/** A stale marker is a float, or a histogram with that sum. */
export function isStaleSample({ values, histograms }: Series, at: number): boolean {
  if (histograms === undefined) return isStale(values, at);
  const row = histograms.rows[at] ?? -1;
  return row < 0 ? isStale(values, at) : isStale(histograms.column.sums, row);
}

export function histogramsOf(
  series: Series,
  knowsResets: boolean,
): (NativeHistogram | undefined)[] | undefined {
  if (series.histograms === undefined) return undefined;
  const { column, rows } = series.histograms;
  const found: (NativeHistogram | undefined)[] = [];
  let previous: NativeHistogram | undefined;
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] ?? -1;
    let histogram = row < 0 ? undefined : histogramAt(column, row);
    if (knowsResets && histogram !== undefined && !isStaleSample(series, at)) {
      histogram = resetKnown(histogram, previous);
      previous = histogram;
    }
    found.push(histogram);
  }
  return found;
}

function resetKnown(histogram: NativeHistogram, previous: NativeHistogram | undefined): NativeHistogram {
  if (histogram.counterReset !== CounterReset.unknown || previous === undefined) return histogram;
  const isReset = isCounterReset(histogram, previous);
  return withCounterReset(histogram, isReset ? CounterReset.reset : CounterReset.notReset);
}

/** What a subquery found, as samples: neighbours may have been skipped, so that nothing is known about resets. */
export function samplesOfSteps(series: StepSeries, grid: Grid): RangeSamples {
  const steps: number[] = [];
  for (let step = 0; step < grid.count; step++) if (series.kinds[step] !== Sample.none) steps.push(step);
  const isFloat = (step: number): boolean => series.kinds[step] === Sample.float;
  const histogram = (step: number): NativeHistogram | undefined => {
    if (isFloat(step)) return undefined;
    const found = series.histogramAt(step);
    return found.counterReset === CounterReset.gauge ? found : withCounterReset(found, CounterReset.unknown);
  };
  return new RangeSamples({
    labels: series.labels,
    dropsName: series.dropsName,
    timestamps: Float64Array.from(steps, (step) => timeAt(grid, step)),
    values: Float64Array.from(steps, (step) => (isFloat(step) ? (series.values[step] ?? 0) : NaN)),
    histograms: series.hasHistograms() ? steps.map(histogram) : undefined,
  });
}
