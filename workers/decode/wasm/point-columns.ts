import {
  BUCKET_COUNTS,
  countOf,
  EXEMPLARS,
  NEGATIVE_COUNTS,
  openRow,
  POINT_ATTRIBUTES,
  POINTS,
  POSITIVE_COUNTS,
  QUANTILES,
  set32,
} from './columns';

// In the order of METRIC_LAYOUT.
export const METRIC: usize = 0;
export const KIND: usize = 1;
export const START_TIME: usize = 2;
export const TIME: usize = 3;
export const FLAGS: usize = 4;
export const RESOURCE: usize = 5;
export const SCOPE: usize = 6;
export const ATTRIBUTES: usize = 7;
export const VALUE_KIND: usize = 8;
export const DOUBLE_VALUE: usize = 9;
export const INT_VALUE: usize = 10;
export const COUNT: usize = 11;
export const SUM: usize = 12;
export const PRESENCE: usize = 13;
export const MIN: usize = 14;
export const MAX: usize = 15;
export const BUCKET_COUNT_LIST: usize = 16;
export const EXPLICIT_BOUNDS: usize = 17;
export const SCALE: usize = 18;
export const ZERO_COUNT: usize = 19;
export const ZERO_THRESHOLD: usize = 20;
export const POSITIVE_OFFSET: usize = 21;
export const POSITIVE_COUNT_LIST: usize = 22;
export const NEGATIVE_OFFSET: usize = 23;
export const NEGATIVE_COUNT_LIST: usize = 24;
export const QUANTILE_LIST: usize = 25;
export const EXEMPLAR_LIST: usize = 26;

/** `ValueKind` of proto/columns. */
export const VALUE_DOUBLE: u32 = 1;
export const VALUE_INT: u32 = 2;

/** `Presence` of proto/columns. */
export const HAS_SUM: u32 = 1;
export const HAS_MIN: u32 = 2;
export const HAS_MAX: u32 = 4;

/** The next row of `POINTS`, its lists empty. */
export function openPoint(): u32 {
  const row = openRow(POINTS);
  set32(POINTS, ATTRIBUTES, row, countOf(POINT_ATTRIBUTES));
  set32(POINTS, BUCKET_COUNT_LIST, row, countOf(BUCKET_COUNTS));
  set32(POINTS, POSITIVE_COUNT_LIST, row, countOf(POSITIVE_COUNTS));
  set32(POINTS, NEGATIVE_COUNT_LIST, row, countOf(NEGATIVE_COUNTS));
  set32(POINTS, QUANTILE_LIST, row, countOf(QUANTILES));
  set32(POINTS, EXEMPLAR_LIST, row, countOf(EXEMPLARS));
  return row;
}
