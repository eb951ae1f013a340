import { findRecurrence, type Recurrence } from '../kernels/recurrence/index.ts';

/** Of the beginnings of bursts of each series, Unix ms; undefined where they do not recur. */
export function findRecurrences(series: readonly (readonly number[])[]): readonly (Recurrence | undefined)[] {
  return series.map((times) => findRecurrence(times));
}
