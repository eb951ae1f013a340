import type { Labels, Series } from '../promql/index.ts';
import type { StreamPoints } from './merge-chunks.ts';
import type { PointColumns, StreamMetric } from './otlp-stream.ts';
import { SampleList } from './sample-list.ts';

export const DELTA = 1;

/** A column of a stream's points as one series. Points without a value (NaN of `skipsNan`) give no sample. */
export function columnSeries(
  { stream, chunks }: StreamPoints,
  column: (points: PointColumns) => Float64Array,
  labels: Labels,
  skipsNan = false,
): Series {
  const samples = new SampleList(chunks.reduce((sum, { timesMs }) => sum + timesMs.length, 0));
  for (const points of chunks) {
    const values = column(points);
    for (let at = 0; at < points.timesMs.length; at++) {
      const [time, value] = [points.timesMs[at] ?? 0, values[at] ?? NaN];
      if (points.isStale[at] === 1) samples.addStale(time);
      else if (!skipsNan || !Number.isNaN(value)) samples.add(time, value, points.weights[at]);
    }
  }
  return samples.toSeries(labels, isAccumulated(stream.metric));
}

/** Deltas of what is counted become running totals; those of a gauge do not exist. */
export function isAccumulated({ temporality, kind }: StreamMetric): boolean {
  return temporality === DELTA && kind !== 'gauge' && kind !== 'summary';
}
