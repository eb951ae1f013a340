// Hot: every point of a range query becomes text here (bench/promql).
import {
  histogramBuckets,
  labelEntries,
  type Labels,
  type NativeHistogram,
  type QueryResult,
  type ResultSeries,
} from '../promql/index.ts';

/** A result as the `data` of Prometheus' HTTP API. `limit` series at most, if it is not 0. */
export function resultJson(
  result: QueryResult,
  limit: number,
): { readonly json: string; readonly isCut: boolean } {
  switch (result.type) {
    case 'scalar':
      return whole('scalar', sampleJson(result.timestamps[0] ?? 0, result.values[0] ?? NaN));
    case 'string':
      return whole('string', `[${seconds(result.timestampMs)},${JSON.stringify(result.text)}]`);
    case 'vector':
    case 'matrix': {
      const isCut = limit > 0 && result.series.length > limit;
      const series = isCut ? result.series.slice(0, limit) : result.series;
      const write = result.type === 'vector' ? instantJson : rangeJson;
      return { json: dataJson(result.type, `[${series.map(write).join(',')}]`), isCut };
    }
  }
}

const whole = (type: string, json: string): { json: string; isCut: boolean } => ({
  json: dataJson(type, json),
  isCut: false,
});
const dataJson = (type: string, result: string): string => `{"resultType":"${type}","result":${result}}`;
const seconds = (timestampMs: number): string => String(timestampMs / 1000);

/** A float as Prometheus writes it: a string, so that no reader loses NaN or the infinities. */
function floatText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

const sampleJson = (timestampMs: number, value: number): string =>
  `[${seconds(timestampMs)},"${floatText(value)}"]`;

function metricJson(labels: Labels): string {
  const pairs = labelEntries(labels).map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  );
  return `{${pairs.join(',')}}`;
}

function instantJson({ labels, timestamps, values, histograms }: ResultSeries): string {
  const histogram = histograms?.[0];
  const time = timestamps[0] ?? 0;
  const sample =
    histogram === undefined
      ? `"value":${sampleJson(time, values[0] ?? NaN)}`
      : `"histogram":[${seconds(time)},${histogramJson(histogram)}]`;
  return `{"metric":${metricJson(labels)},${sample}}`;
}

function rangeJson({ labels, timestamps, values, histograms }: ResultSeries): string {
  const floats: string[] = [];
  const natives: string[] = [];
  for (let at = 0; at < timestamps.length; at++) {
    const [time, histogram] = [timestamps[at] ?? 0, histograms?.[at]];
    if (histogram === undefined) floats.push(sampleJson(time, values[at] ?? NaN));
    else natives.push(`[${seconds(time)},${histogramJson(histogram)}]`);
  }
  const parts = [`"metric":${metricJson(labels)}`];
  if (floats.length > 0) parts.push(`"values":[${floats.join(',')}]`);
  if (natives.length > 0) parts.push(`"histograms":[${natives.join(',')}]`);
  return `{${parts.join(',')}}`;
}

/** How Prometheus numbers the bounds that belong to a bucket. */
const BOUNDARIES: Readonly<Record<string, number>> = { '(]': 0, '[)': 1, '()': 2, '[]': 3 };

function histogramJson(histogram: NativeHistogram): string {
  const buckets = histogramBuckets(histogram).map(
    ({ lower, upper, count, brackets }) =>
      `[${BOUNDARIES[brackets] ?? 0},"${floatText(lower)}","${floatText(upper)}","${floatText(count)}"]`,
  );
  const list = buckets.length === 0 ? '' : `,"buckets":[${buckets.join(',')}]`;
  return `{"count":"${floatText(histogram.count)}","sum":"${floatText(histogram.sum)}"${list}}`;
}
