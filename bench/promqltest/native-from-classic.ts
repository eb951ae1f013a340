import {
  CounterReset,
  CUSTOM_BUCKETS,
  labelEntries,
  labelsOf,
  type NativeHistogram,
} from '../../workers/promql/index.ts';
import type { StoredSample, StoredSeries } from './stored-series.ts';

interface ClassicHistogram {
  readonly labels: StoredSeries['labels'];
  readonly buckets: { readonly upper: number; readonly series: StoredSeries }[];
  sum?: StoredSeries;
  count?: StoredSeries;
}

/** Native histograms with custom buckets from `_bucket`, `_sum` and `_count` series (`load_with_nhcb`). */
export function nativeFromClassic(series: readonly StoredSeries[]): StoredSeries[] {
  const histograms = new Map<string, ClassicHistogram>();
  for (const one of series) {
    const entries = new Map(labelEntries(one.labels));
    const [, name = '', suffix] = /^(.*)_(bucket|sum|count)$/u.exec(entries.get('__name__') ?? '') ?? [];
    const le = entries.get('le');
    if (suffix === undefined || (suffix === 'bucket') !== (le !== undefined)) continue;
    entries.delete('le');
    const labels = labelsOf([...entries, ['__name__', name]]);
    const key = labels.join('\u0001');
    const histogram: ClassicHistogram = histograms.get(key) ?? { labels, buckets: [] };
    histograms.set(key, histogram);
    if (suffix === 'sum') histogram.sum = one;
    else if (suffix === 'count') histogram.count = one;
    else histogram.buckets.push({ upper: le === '+Inf' ? Infinity : Number(le), series: one });
  }
  return [...histograms.values()].filter(({ buckets }) => buckets.length > 0).map(convert);
}

function convert(classic: ClassicHistogram): StoredSeries {
  const buckets = classic.buckets.sort((left, right) => left.upper - right.upper);
  const times = new Set(buckets.flatMap(({ series }) => [...series.samples.keys()]));
  const samples = new Map<number, StoredSample>();
  for (const time of times) {
    const histogram = histogramAt(classic, time);
    if (histogram !== undefined) {
      samples.set(time, { sample: { kind: 'histogram', histogram, hasHint: false }, startMs: 0 });
    }
  }
  return { labels: classic.labels, samples };
}

function histogramAt({ buckets, sum, count }: ClassicHistogram, time: number): NativeHistogram | undefined {
  const valueOf = (series: StoredSeries | undefined): number | undefined => {
    const sample = series?.samples.get(time)?.sample;
    return sample?.kind === 'float' ? sample.value : undefined;
  };
  const present = buckets.filter(({ series }) => valueOf(series) !== undefined);
  if (present.length === 0) return undefined;
  const bounds = present.filter(({ upper }) => upper !== Infinity).map(({ upper }) => upper);
  const cumulative = present.map(({ series }) => valueOf(series) ?? 0);
  const total = valueOf(count) ?? cumulative.at(-1) ?? 0;
  if (present.at(-1)?.upper !== Infinity) cumulative.push(total);
  const counts = Float64Array.from(cumulative, (value, at) => value - (cumulative[at - 1] ?? 0));
  if (counts.some((value) => value < 0)) return undefined;
  return {
    schema: CUSTOM_BUCKETS,
    counterReset: CounterReset.unknown,
    zeroThreshold: 0,
    zeroCount: 0,
    count: total,
    sum: valueOf(sum) ?? 0,
    positive: { counts, indexes: Int32Array.from(counts.keys()) },
    negative: { counts: new Float64Array(0), indexes: new Int32Array(0) },
    customBounds: Float64Array.from(bounds),
  };
}
