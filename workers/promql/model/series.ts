import type { HistogramColumn } from '../histogram/histogram-column.ts';
import type { Labels } from './labels.ts';

/**
 * The samples of one series, oldest first, no time twice. A sample is a float, or a row of `histograms`.
 * Nothing here is written by the evaluation: columns may be shared between threads.
 */
export interface Series {
  readonly labels: Labels;
  /** Milliseconds since 1970. */
  readonly timestamps: Float64Array;
  /** The stale marker says that the series ended here. */
  readonly values: Float64Array;
  readonly histograms?: HistogramSamples | undefined;
  /** When each sample's counting began, milliseconds; 0 where nobody knows. */
  readonly startTimestamps?: Float64Array | undefined;
  /**
   * Samples that each stands for, itself and those left out before it; without, each for itself. Where some are left out,
   * `planSelections` said for which function of ranges the others suffice.
   */
  readonly weights?: Float64Array | undefined;
}

export interface HistogramSamples {
  readonly column: HistogramColumn;
  /** For each sample its row in `column`, or -1 for a float. */
  readonly rows: Int32Array;
}

const STALE_HIGH = 0x7ff00000;
const STALE_LOW = 2;

/**
 * The NaN that Prometheus stores where a series ended: 0x7ff0000000000002. It is told from other NaNs by its bits, and
 * JavaScript may change those on the way through a variable: they are written and compared in the buffer.
 */
export function markStale(values: Float64Array, at: number): void {
  const words = new Uint32Array(values.buffer, values.byteOffset + at * 8, 2);
  words[0] = STALE_LOW;
  words[1] = STALE_HIGH;
}

export function isStale(values: Float64Array, at: number): boolean {
  if (!Number.isNaN(values[at])) return false;
  const words = new Uint32Array(values.buffer, values.byteOffset + at * 8, 2);
  return words[0] === STALE_LOW && words[1] === STALE_HIGH;
}
