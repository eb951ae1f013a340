import type { AnyValue } from '../columns/index.ts';

/** Numbers of the kinds of `AnyValue`, as the archive stores them. */
export const VALUE_TYPES = {
  empty: 0,
  string: 1,
  bool: 2,
  int: 3,
  double: 4,
  bytes: 5,
  array: 6,
  kvlist: 7,
} as const satisfies Record<AnyValue['kind'], number>;
