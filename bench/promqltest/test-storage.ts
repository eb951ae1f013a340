import {
  compileMatchers,
  CounterReset,
  histogramColumn,
  isCounterReset,
  markStale,
  type NativeHistogram,
  type Selection,
  type Series,
} from '../../workers/promql/index.ts';
import { nativeFromClassic } from './native-from-classic.ts';
import type { LoadCommand } from './parse-script.ts';
import type { NotedSample } from './series-notation.ts';
import type { StoredSample, StoredSeries } from './stored-series.ts';

/** The series of a script; they know of counter resets what Prometheus' chunks know. */
export class TestStorage {
  private readonly stored = new Map<string, StoredSeries>();

  load({ series, gapMs, addsNative }: LoadCommand): void {
    const fresh = new Map<string, StoredSeries>();
    for (const { labels, samples, isStartTimes } of series) {
      if (isStartTimes) continue;
      const loaded: StoredSeries = { labels, samples: new Map() };
      samples.forEach((sample, at) => {
        if (sample.kind !== 'none') loaded.samples.set(at * gapMs, { sample, startMs: 0 });
      });
      fresh.set(labels.join('\u0001'), loaded);
    }
    for (const { labels, samples, isStartTimes } of series) {
      if (!isStartTimes) continue;
      samples.forEach((start, at) => {
        const stored = fresh.get(labels.join('\u0001'))?.samples.get(at * gapMs);
        if (stored !== undefined && start.kind === 'float') stored.startMs = at * gapMs + start.value;
      });
    }
    const natives = addsNative ? nativeFromClassic([...fresh.values()]) : [];
    for (const one of [...fresh.values(), ...natives]) this.append(one);
  }

  select({ matchers, afterMs, untilMs }: Selection): Series[] {
    const matches = compileMatchers(matchers);
    return [...this.stored.values()]
      .filter(({ labels }) => matches(labels))
      .map((series) => toSeries(series, afterMs, untilMs))
      .filter(({ timestamps }) => timestamps.length > 0);
  }

  private append({ labels, samples }: StoredSeries): void {
    const key = labels.join('\u0001');
    const series = this.stored.get(key) ?? { labels, samples: new Map<number, StoredSample>() };
    for (const [time, stored] of samples) series.samples.set(time, stored);
    this.stored.set(key, series);
  }
}

function toSeries({ labels, samples }: StoredSeries, afterMs: number, untilMs: number): Series {
  const sorted = [...samples].sort(([left], [right]) => left - right);
  const known = withChunkHints(sorted.map(([, { sample }]) => sample));
  const within = [...sorted.keys()].filter((at) => {
    const time = sorted[at]?.[0] ?? 0;
    return time > afterMs && time <= untilMs;
  });
  const values = new Float64Array(within.length);
  const rows = new Int32Array(within.length).fill(-1);
  const histograms: NativeHistogram[] = [];
  within.forEach((from, at) => {
    const sample = sorted[from]?.[1].sample;
    const histogram = known[from];
    if (sample?.kind === 'float') values[at] = sample.value;
    else if (sample?.kind === 'stale') markStale(values, at);
    else if (histogram !== undefined) rows[at] = histograms.push(histogram) - 1;
  });
  const starts = Float64Array.from(within, (at) => sorted[at]?.[1].startMs ?? 0);
  return {
    labels,
    timestamps: Float64Array.from(within, (at) => sorted[at]?.[0] ?? 0),
    values,
    histograms: histograms.length === 0 ? undefined : { column: histogramColumn(histograms), rows },
    startTimestamps: starts.some((start) => start !== 0) ? starts : undefined,
  };
}

/** A histogram that continues the chunk of the one before it is known to be no reset; the first of a chunk is not. */
function withChunkHints(samples: readonly NotedSample[]): (NativeHistogram | undefined)[] {
  let previous: NativeHistogram | undefined;
  return samples.map((sample) => {
    if (sample.kind !== 'histogram') {
      previous = undefined;
      return undefined;
    }
    const { histogram } = sample;
    const before = previous;
    previous = histogram;
    if (histogram.counterReset === CounterReset.gauge) return histogram;
    const isContinued = before !== undefined && continues(histogram, before);
    return { ...histogram, counterReset: isContinued ? CounterReset.notReset : CounterReset.unknown };
  });
}

function continues(histogram: NativeHistogram, before: NativeHistogram): boolean {
  return (
    before.counterReset !== CounterReset.gauge &&
    histogram.schema === before.schema &&
    histogram.zeroThreshold === before.zeroThreshold &&
    histogram.customBounds.join() === before.customBounds.join() &&
    !isCounterReset(histogram, before)
  );
}
