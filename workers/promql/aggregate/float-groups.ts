import { Sample, StepSeries } from '../evaluate/step-series.ts';
import { quantileOf } from '../functions/quantile.ts';
import type { Labels } from '../model/labels.ts';

/** One group of an aggregation over floats, all steps side by side. */
export interface FloatGroup {
  add(series: StepSeries): void;
  result(labels: Labels): StepSeries;
}

/** The highest or lowest value; NaN only where there is nothing else. */
export function extremeGroup(count: number, isMax: boolean): FloatGroup {
  const out = new StepSeries([], count);
  return {
    add: ({ kinds, values }) => {
      for (let step = 0; step < count; step++) {
        if (kinds[step] !== Sample.float) continue;
        const [value, extreme] = [values[step] ?? 0, out.values[step] ?? 0];
        const isBetter = isMax ? value > extreme : value < extreme;
        if (out.kinds[step] === Sample.none || isBetter || Number.isNaN(extreme)) out.setFloat(step, value);
      }
    },
    result: (labels) => out.relabelled(labels),
  };
}

/** How many samples there are, or 1 if there is any; of histograms, too. */
export function countGroup(count: number, isGroup: boolean): FloatGroup {
  const out = new StepSeries([], count);
  return {
    add: ({ kinds }) => {
      for (let step = 0; step < count; step++) {
        if (kinds[step] !== Sample.none) out.setFloat(step, isGroup ? 1 : (out.values[step] ?? 0) + 1);
      }
    },
    result: (labels) => out.relabelled(labels),
  };
}

/** Welford's algorithm; infinite values have no deviation. */
export function varianceGroup(count: number, isDeviation: boolean): FloatGroup {
  const [means, squares, counts] = [new Float64Array(count), new Float64Array(count), new Uint32Array(count)];
  return {
    add: ({ kinds, values }) => {
      for (let step = 0; step < count; step++) {
        if (kinds[step] !== Sample.float) continue;
        const value = values[step] ?? 0;
        counts[step] = (counts[step] ?? 0) + 1;
        const delta = value - (means[step] ?? 0);
        means[step] = (means[step] ?? 0) + delta / (counts[step] ?? 1);
        squares[step] = (squares[step] ?? 0) + delta * (value - (means[step] ?? 0));
      }
    },
    result: (labels) => {
      const out = new StepSeries(labels, count);
      for (let step = 0; step < count; step++) {
        if ((counts[step] ?? 0) === 0) continue;
        const variance = (squares[step] ?? 0) / (counts[step] ?? 1);
        out.setFloat(step, isDeviation ? Math.sqrt(variance) : variance);
      }
      return out;
    },
  };
}

export function quantileGroup(count: number, q: Float64Array): FloatGroup {
  const members: StepSeries[] = [];
  return {
    add: (series) => members.push(series),
    result: (labels) => {
      const out = new StepSeries(labels, count);
      for (let step = 0; step < count; step++) {
        const floats = members.filter(({ kinds }) => kinds[step] === Sample.float);
        if (floats.length === 0) continue;
        const values = Float64Array.from(floats, (series) => series.values[step] ?? 0);
        out.setFloat(step, quantileOf(q[step] ?? NaN, values));
      }
      return out;
    },
  };
}
