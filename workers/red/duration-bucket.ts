// Hot: once a request in several places, once a number that is aggregated. Bench: bench/ingest, bench/hot-query.
import { DURATION_GAMMA } from '../../proto/columns/index.ts';

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
 * The bucket at the beginning of each cell. A cell is narrower than a bucket: it has one border in it, or, six of seven, none. Where it
 * has one, all bits are turned over, so that the borders, four times as large, are looked up for few numbers only.
 */
const cellBuckets = new Int16Array(CELLS);
const cellBorders = new Float64Array(CELLS).fill(Infinity);
const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

for (let cell = 0; cell < CELLS; cell += 1) {
  const bucket = bucketByLogarithm(leastOf(cell));
  const border = Math.exp((bucket + BORDER_SLACK) / INVERSE_LOG_GAMMA);
  cellBuckets[cell] = border * (1 - 2 * NEAR) > leastOf(cell + 1) ? bucket : ~bucket;
  cellBorders[cell] = border;
}

function leastOf(cell: number): number {
  return 2 ** (cell >> CELL_BITS) * (1 + (cell % 2 ** CELL_BITS) / 2 ** CELL_BITS);
}

/**
 * Bucket of a duration in ns (see `DURATION_GAMMA`). Zero and negative durations fall into bucket 0. Always a whole number to the
 * engine, too (`| 0`): what is counted by it takes twice as long with floating-point ones.
 */
export function durationBucket(durationNano: number): number {
  double[0] = durationNano;
  const cell = ((halves[1] ?? 0) >>> (20 - CELL_BITS)) - FIRST_CELL;
  if (cell < 0 || cell >= CELLS) return durationNano <= 1 ? 0 : bucketByLogarithm(durationNano) | 0;
  const bucket = cellBuckets[cell] ?? 0;
  return bucket >= 0 ? bucket : besideBorder(durationNano, cell, ~bucket);
}

function besideBorder(durationNano: number, cell: number, bucket: number): number {
  const border = cellBorders[cell] ?? 0;
  if (durationNano < border * (1 - NEAR)) return bucket;
  return durationNano > border * (1 + NEAR) ? bucket + 1 : bucketByLogarithm(durationNano) | 0;
}

/** Of a number above 0; below 1, buckets are negative. */
export function bucketByLogarithm(value: number): number {
  return Math.ceil(Math.log(value) * INVERSE_LOG_GAMMA - BORDER_SLACK);
}
