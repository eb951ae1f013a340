import { DURATION_GAMMA } from '../../proto/columns/index.ts';

/**
 * Numbers in logarithmic buckets: those of `DURATION_GAMMA`, shifted so that numbers below 1 have one too, and mirrored for
 * negative ones. Bucket 0 is zero. What stands for a bucket is off by at most 0.99 % (DDSketch, VLDB 2019).
 */
export const HISTOGRAM_SHIFT = 40_000;
export const INVERSE_LOG_GAMMA = 1 / Math.log(DURATION_GAMMA);
/** So that a number at the border of its bucket does not fall into the next by rounding. */
export const BORDER_SLACK = 1e-9;

/** Numbers from 1 to 2^44 are looked up by exponent and 8 bits of mantissa: `Math.log` takes 50 ns, a look-up 5. */
const CELL_BITS = 8;
const FIRST_CELL = 1_023 << CELL_BITS;
const CELLS = 44 << CELL_BITS;
/** Nearer to a border than this, the logarithm decides. */
const NEAR = 1e-12;

/**
 * The bucket at the beginning of each cell, less the shift. A cell is narrower than a bucket: it has one border in it, or, six of seven,
 * none. Where it has one, all bits are turned over, so that the borders, four times as large, are looked up for few numbers only.
 */
const cellKeys = new Int16Array(CELLS);
const cellBorders = new Float64Array(CELLS).fill(Infinity);
const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

for (let cell = 0; cell < CELLS; cell += 1) {
  const key = bucketByLogarithm(leastOf(cell)) - HISTOGRAM_SHIFT;
  const border = Math.exp((key + BORDER_SLACK) / INVERSE_LOG_GAMMA);
  cellKeys[cell] = border * (1 - 2 * NEAR) > leastOf(cell + 1) ? key : ~key;
  cellBorders[cell] = border;
}

function leastOf(cell: number): number {
  return 2 ** (cell >> CELL_BITS) * (1 + (cell % 2 ** CELL_BITS) / 2 ** CELL_BITS);
}

/** Always a whole number to the engine, too (`| 0`): what is counted by it takes twice as long with floating-point ones. */
export function histogramBucket(value: number): number {
  double[0] = value;
  const cell = ((halves[1] ?? 0) >>> (20 - CELL_BITS)) - FIRST_CELL;
  if (cell < 0 || cell >= CELLS) return bucketByLogarithm(value) | 0;
  const key = cellKeys[cell] ?? 0;
  return HISTOGRAM_SHIFT + (key >= 0 ? key : besideBorder(value, cell, ~key));
}

function besideBorder(value: number, cell: number, key: number): number {
  const border = cellBorders[cell] ?? 0;
  if (value < border * (1 - NEAR)) return key;
  return value > border * (1 + NEAR) ? key + 1 : (bucketByLogarithm(value) - HISTOGRAM_SHIFT) | 0;
}

export function bucketByLogarithm(value: number): number {
  if (value === 0) return 0;
  const bucket = Math.ceil(Math.log(Math.abs(value)) * INVERSE_LOG_GAMMA - BORDER_SLACK) + HISTOGRAM_SHIFT;
  return value > 0 ? bucket : -bucket;
}

export function bucketValue(bucket: number): number {
  if (bucket === 0) return 0;
  const value = (2 * DURATION_GAMMA ** (Math.abs(bucket) - HISTOGRAM_SHIFT)) / (DURATION_GAMMA + 1);
  return bucket > 0 ? value : -value;
}

/** The `q`-quantile of counts by bucket, rank `⌈q · total⌉`; `undefined` when nothing was counted. */
export function histogramQuantile(counts: ReadonlyMap<number, number>, q: number): number | undefined {
  let total = 0;
  for (const count of counts.values()) total += count;
  if (total === 0) return undefined;
  let rank = Math.max(1, Math.ceil(q * total));
  for (const [bucket, count] of [...counts].sort(([a], [b]) => a - b)) {
    rank -= count;
    if (rank <= 0) return bucketValue(bucket);
  }
  return undefined;
}

/** Numbers above the first up to the second; of negative ones, from the first up to below the second. */
export function bucketBounds(bucket: number): { readonly from: number; readonly to: number } {
  if (bucket === 0) return { from: 0, to: 0 };
  const place = Math.abs(bucket) - HISTOGRAM_SHIFT;
  const [near, far] = [DURATION_GAMMA ** (place - 1), DURATION_GAMMA ** place];
  return bucket > 0 ? { from: near, to: far } : { from: -far, to: -near };
}
