// Hot: once a row. Bench: bench/decode.
import type { Columns, LogColumns, Signal, SpanColumns, MetricColumns } from '../../proto/columns/index.ts';

type TimeRange = readonly [minUnixNano: bigint, maxUnixNano: bigint];

/** Of span starts, log times (observed time where time is 0) or point times. No rows: zeros. */
export function timeRangeOf<S extends Signal>(signal: S, columns: Columns<S>, rowCount: number): TimeRange {
  if (signal === 'traces') return rangeOf((columns as SpanColumns).startTimeUnixNano, undefined, rowCount);
  if (signal === 'metrics') return rangeOf((columns as MetricColumns).timeUnixNano, undefined, rowCount);
  const logs = columns as LogColumns;
  return rangeOf(logs.timeUnixNano, logs.observedTimeUnixNano, rowCount);
}

function rangeOf(
  times: BigUint64Array,
  insteadOfZero: BigUint64Array | undefined,
  rowCount: number,
): TimeRange {
  if (rowCount === 0) return [0n, 0n];
  const words = wordsOf(times);
  const otherWords = wordsOf(insteadOfZero ?? times);
  let minLo = 0xffffffff;
  let minHi = 0xffffffff;
  let maxLo = 0;
  let maxHi = 0;
  for (let at = 0; at < 2 * rowCount; at += 2) {
    let lo = words[at] ?? 0;
    let hi = words[at + 1] ?? 0;
    if (lo === 0 && hi === 0) {
      lo = otherWords[at] ?? 0;
      hi = otherWords[at + 1] ?? 0;
    }
    if (hi < minHi || (hi === minHi && lo < minLo)) {
      minHi = hi;
      minLo = lo;
    }
    if (hi > maxHi || (hi === maxHi && lo > maxLo)) {
      maxHi = hi;
      maxLo = lo;
    }
  }
  return [join(minLo, minHi), join(maxLo, maxHi)];
}

function wordsOf(times: BigUint64Array): Uint32Array {
  return new Uint32Array(times.buffer, times.byteOffset, 2 * times.length);
}

function join(lo: number, hi: number): bigint {
  return (BigInt(hi) << 32n) | BigInt(lo);
}
