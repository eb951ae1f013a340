export interface Bin {
  /** Exclusive. */
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
  readonly count: number;
}

/** Of all numbers in a histogram, the share that is less than `value`; within a bin they are taken to lie evenly. */
export function shareBelow(bins: readonly Bin[], value: number): number {
  let all = 0;
  let below = 0;
  for (const { from, to, count } of bins) {
    all += count;
    if (value > to) below += count;
    else if (value > from) below += count * ((value - from) / (to - from));
  }
  return all === 0 ? 0 : below / all;
}
