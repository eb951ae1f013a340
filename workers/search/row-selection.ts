// Hot: once a row. Bench: bench/hot-query.
import type { Batch, ServiceBatch } from '../../proto/columns/index.ts';
import type { SearchExpression, SearchSignal, TimeRange } from '../../proto/query/index.ts';
import { compileSearch } from './compile-search.ts';
import { countIn, newMask, type RowTest } from './row-test.ts';

/** Rows of batches that a search means, batch by batch. */
export class RowSelection {
  /** 1: the row was selected. Of the batch last asked for. */
  mask = newMask(0);
  private readonly test: RowTest;
  private readonly range: TimeRange | undefined;
  private readonly isEverything: boolean;

  constructor(expression: SearchExpression, signal: SearchSignal, range?: TimeRange) {
    this.test = compileSearch(expression, signal);
    this.range = range;
    this.isEverything = expression.type === 'everything';
  }

  /** How many rows were selected. */
  select(part: ServiceBatch): number {
    const { batch } = part;
    const rows = batch.rowCount;
    if (this.mask.length < rows) this.mask = newMask(rows);
    const { mask, range } = this;
    if (range && !overlaps(batch, range)) return 0;
    mask.fill(0, rows, 4 * Math.ceil(rows / 4));
    if (!range || contains(batch, range)) {
      mask.fill(1, 0, rows);
      if (this.isEverything) return rows;
    } else if (keepWithin(batch, range, mask) === 0) return 0;
    return this.test.refine(part, mask, rows);
  }
}

function overlaps(batch: Batch, { fromUnixNano, toUnixNano }: TimeRange): boolean {
  return batch.maxTimeUnixNano >= fromUnixNano && batch.minTimeUnixNano < toUnixNano;
}

function contains(batch: Batch, { fromUnixNano, toUnixNano }: TimeRange): boolean {
  return batch.minTimeUnixNano >= fromUnixNano && batch.maxTimeUnixNano < toUnixNano;
}

const MOST_UINT64 = 2n ** 64n - 1n;

function keepWithin(batch: Batch, { fromUnixNano, toUnixNano }: TimeRange, mask: Uint8Array): number {
  const rows = batch.rowCount;
  const words = timeWords(batch);
  const from = fromUnixNano < 0n ? 0n : fromUnixNano;
  const last = toUnixNano > MOST_UINT64 ? MOST_UINT64 : toUnixNano - 1n;
  const [fromHi, fromLo] = [Number(from >> 32n), Number(from & 0xffff_ffffn)];
  const [lastHi, lastLo] = [Number(last >> 32n), Number(last & 0xffff_ffffn)];
  for (let row = 0; row < rows; row += 1) {
    const lo = words[2 * row] ?? 0;
    const hi = words[2 * row + 1] ?? 0;
    const isWithin =
      (hi > fromHi || (hi === fromHi && lo >= fromLo)) && (hi < lastHi || (hi === lastHi && lo <= lastLo));
    mask[row] = Number(isWithin);
  }
  return countIn(mask, rows);
}

let scratch = new Uint32Array(0);

/** Times by which rows are found, low word first: span starts, log times (observed time where time is 0). Until the next call. */
export function timeWords(batch: Batch): Uint32Array {
  const rows = batch.rowCount;
  if (batch.signal === 'traces') return wordsOf((batch as Batch<'traces'>).columns.startTimeUnixNano);
  const { timeUnixNano, observedTimeUnixNano } = (batch as Batch<'logs'>).columns;
  const times = wordsOf(timeUnixNano);
  const observed = wordsOf(observedTimeUnixNano);
  if (scratch.length < 2 * rows) scratch = new Uint32Array(2 * rows);
  for (let at = 0; at < 2 * rows; at += 2) {
    const from = ((times[at] ?? 0) | (times[at + 1] ?? 0)) === 0 ? observed : times;
    scratch[at] = from[at] ?? 0;
    scratch[at + 1] = from[at + 1] ?? 0;
  }
  return scratch;
}

function wordsOf(column: BigUint64Array): Uint32Array {
  return new Uint32Array(column.buffer, column.byteOffset, 2 * column.length);
}
