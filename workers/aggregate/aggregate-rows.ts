// Hot: once a selected row. Bench: bench/hot-query.
import { DURATION_BUCKETS, type Batch, type ServiceBatch } from '../../proto/columns/index.ts';
import { MOST_GROUPS, type AggregatePartial, type AggregateQuery } from '../../proto/query/index.ts';
import { RowSelection, timeWords } from '../search/index.ts';
import { rankOf, registerOf, xxHash32 } from './distinct-sketch.ts';
import { numberReader, textReader, type ReadRows } from './field-readers.ts';
import { GroupTable } from './group-table.ts';
import { HISTOGRAM_SHIFT, histogramBucket } from './log-histogram.ts';
import { PairTable } from './pair-table.ts';
import { TextIds } from './text-ids.ts';

/** Sums the items that are meant, by group and time bucket. */
export function aggregateRows(
  query: AggregateQuery,
  { batches }: { readonly batches: Iterable<ServiceBatch> },
): AggregatePartial {
  const aggregation = new Aggregation(query);
  for (const part of batches) aggregation.add(part);
  return aggregation.take();
}

const encoder = new TextEncoder();
/** Cells with a dense histogram: 9 KB each. */
const DENSE_CELLS = 256;
/** That many are kept whether rows fall into them or not; of more, as many as the last that has a row. */
const FEW_CELLS = 65_536;

class Aggregation {
  private readonly selection: RowSelection;
  private readonly groups: GroupTable;
  private readonly buckets: TimeBuckets;
  private readonly numbers: readonly NumberSums[];
  private readonly distincts: readonly DistinctTexts[];
  /** Numbers that every row has: they tell how many rows a cell has, too. */
  private readonly ofEveryRow: NumberSums | undefined;
  private counts = new Float64Array(64);
  private cells = new Int32Array(0);
  private values = new Float64Array(0);

  constructor(query: AggregateQuery) {
    this.selection = new RowSelection(query.search, query.signal, query.range);
    this.groups = new GroupTable(query.groupBy, MOST_GROUPS, query.only);
    this.buckets = new TimeBuckets(query);
    this.numbers = query.numbers.map((field) => new NumberSums(numberReader(field)));
    this.distincts = query.distincts.map((field) => new DistinctTexts(field));
    const hasDurations = query.signal === 'traces';
    this.ofEveryRow =
      this.numbers[query.numbers.findIndex(({ type }) => hasDurations && type === 'duration')];
  }

  add(part: ServiceBatch): void {
    if (this.selection.select(part) === 0) return;
    const rows = part.batch.rowCount;
    if (this.cells.length < rows) {
      this.cells = new Int32Array(rows);
      this.values = new Float64Array(rows);
    }
    const { cells, values } = this;
    const { mask } = this.selection;
    this.groups.read(part, mask, cells);
    this.buckets.refine(part.batch, mask, cells);
    this.reserve(cells, rows);
    if (!this.ofEveryRow) this.count(mask, cells, rows);
    for (const sums of this.numbers) sums.add(part, mask, cells, values, this.counts.length);
    for (const texts of this.distincts) texts.add(part, mask, cells, values);
  }

  take(): AggregatePartial {
    const { groups, buckets } = this;
    const counts = this.ofEveryRow?.counts() ?? this.counts;
    const cells: number[] = [];
    for (let cell = 0; cell < counts.length; cell += 1) if ((counts[cell] ?? 0) > 0) cells.push(cell);
    const places = new Map(cells.map((cell, place) => [cell, place]));
    return {
      groups: groups.keys(),
      cellGroups: Int32Array.from(cells, (cell) => Math.floor(cell / buckets.count)),
      cellBuckets: Int32Array.from(cells, (cell) => cell % buckets.count),
      counts: Float64Array.from(cells, (cell) => counts[cell] ?? 0),
      numbers: this.numbers.map((sums) => sums.take(cells, places)),
      distincts: this.distincts.map((texts) => inPlaces(texts.take(), places)),
      ungrouped: groups.ungrouped,
    };
  }

  private reserve(cells: Int32Array, rows: number): void {
    const length = this.groups.size * this.buckets.count;
    if (length > this.counts.length) {
      const needed = length <= FEW_CELLS ? length : mostOf(cells, rows) + 1;
      if (needed > this.counts.length) this.counts = grown(this.counts, needed);
    }
  }

  private count(mask: Uint8Array, cells: Int32Array, rows: number): void {
    const { counts } = this;
    for (let row = 0; row < rows; row += 1) {
      if (mask[row] === 0) continue;
      const cell = cells[row] ?? 0;
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
  }
}

function mostOf(cells: Int32Array, rows: number): number {
  let most = 0;
  for (let row = 0; row < rows; row += 1) if ((cells[row] ?? 0) > most) most = cells[row] ?? 0;
  return most;
}

/** Turns groups into cells: group · buckets + bucket. */
class TimeBuckets {
  readonly count: number;
  private readonly from: bigint;
  private readonly width: bigint;

  constructor({ range, bucketNano }: AggregateQuery) {
    this.from = range.fromUnixNano;
    this.width = bucketNano ?? range.toUnixNano - range.fromUnixNano;
    const span = range.toUnixNano - range.fromUnixNano;
    this.count = bucketNano === undefined ? 1 : Number((span + bucketNano - 1n) / bucketNano);
  }

  refine(batch: Batch, mask: Uint8Array, cells: Int32Array): void {
    const { count } = this;
    if (count === 1) return;
    const words = timeWords(batch);
    const fromHi = Number(this.from >> 32n);
    const fromLo = Number(this.from & 0xffff_ffffn);
    const width = Number(this.width);
    for (let row = 0; row < batch.rowCount; row += 1) {
      if (mask[row] === 0) continue;
      // Exact within 104 days of the beginning; beyond, a row next to a border may fall into the neighbour.
      const since = ((words[2 * row + 1] ?? 0) - fromHi) * 2 ** 32 + ((words[2 * row] ?? 0) - fromLo);
      cells[row] = (cells[row] ?? 0) * count + Math.floor(since / width);
    }
  }
}

class NumberSums {
  private readonly read: ReadRows;
  private readonly histogram = new PairTable();
  /** Of the first cells and numbers from 1 on, which are most. */
  private dense = new Uint32Array(0);
  private taken: ReturnType<PairTable['take']> | undefined;
  private sums = new Float64Array(0);
  private mins = new Float64Array(0);
  private maxs = new Float64Array(0);

  constructor(read: ReadRows) {
    this.read = read;
  }

  add(
    part: ServiceBatch,
    mask: Uint8Array,
    cells: Int32Array,
    values: Float64Array,
    cellCount: number,
  ): void {
    this.read(part, mask, values);
    this.reserve(cellCount);
    const { sums, mins, maxs, histogram, dense } = this;
    for (let row = 0; row < part.batch.rowCount; row += 1) {
      const value = values[row] ?? NaN;
      if (mask[row] === 0 || value !== value) continue;
      const cell = cells[row] ?? 0;
      sums[cell] = (sums[cell] ?? 0) + value;
      if (value < (mins[cell] ?? 0)) mins[cell] = value;
      if (value > (maxs[cell] ?? 0)) maxs[cell] = value;
      const bucket = histogramBucket(value);
      const key = bucket - HISTOGRAM_SHIFT;
      if (cell < DENSE_CELLS && key >= 0 && key < DURATION_BUCKETS) {
        const at = cell * DURATION_BUCKETS + key;
        dense[at] = (dense[at] ?? 0) + 1;
      } else {
        histogram.add(cell, bucket, 1);
      }
    }
  }

  private reserve(cellCount: number): void {
    if (this.sums.length < cellCount) {
      const known = this.sums.length;
      this.sums = grown(this.sums, cellCount);
      this.mins = grown(this.mins, cellCount).fill(Infinity, known);
      this.maxs = grown(this.maxs, cellCount).fill(-Infinity, known);
    }
    const denseLength = Math.min(cellCount, DENSE_CELLS) * DURATION_BUCKETS;
    if (this.dense.length < denseLength) {
      const larger = new Uint32Array(denseLength);
      larger.set(this.dense);
      this.dense = larger;
    }
  }

  /** By cell: how many numbers there are. */
  counts(): Float64Array {
    const { cells, counts } = this.pairs();
    const sums = new Float64Array(this.sums.length);
    for (let at = 0; at < cells.length; at += 1) {
      const cell = cells[at] ?? 0;
      sums[cell] = (sums[cell] ?? 0) + (counts[at] ?? 0);
    }
    return sums;
  }

  take(cells: readonly number[], places: ReadonlyMap<number, number>): AggregatePartial['numbers'][number] {
    const counts = this.counts();
    return {
      counts: Float64Array.from(cells, (cell) => counts[cell] ?? 0),
      sums: Float64Array.from(cells, (cell) => this.sums[cell] ?? 0),
      mins: Float64Array.from(cells, (cell) => this.mins[cell] ?? Infinity),
      maxs: Float64Array.from(cells, (cell) => this.maxs[cell] ?? -Infinity),
      histogram: inPlaces(this.pairs(), places),
    };
  }

  private pairs(): ReturnType<PairTable['take']> {
    if (this.taken) return this.taken;
    this.histogram.addDense(this.dense, DURATION_BUCKETS, HISTOGRAM_SHIFT);
    return (this.taken = this.histogram.take());
  }
}

class DistinctTexts {
  private readonly ids = new TextIds();
  private readonly read: ReadRows;
  private readonly isTrace: boolean;
  private readonly registers = new PairTable();
  /** By id: the hash of its text; NaN until it is asked for. */
  private hashes = new Float64Array(0);

  constructor(field: AggregateQuery['distincts'][number]) {
    this.isTrace = field.type === 'trace';
    this.read = textReader(field, this.ids);
  }

  add(part: ServiceBatch, mask: Uint8Array, cells: Int32Array, values: Float64Array): void {
    const { registers } = this;
    if (this.isTrace) {
      this.addTraces(part, mask, cells);
      return;
    }
    this.read(part, mask, values);
    for (let row = 0; row < part.batch.rowCount; row += 1) {
      const id = values[row] ?? NaN;
      if (mask[row] === 0 || id !== id) continue;
      const hash = this.hashOf(id);
      registers.raise(cells[row] ?? 0, registerOf(hash), rankOf(hash));
    }
  }

  take(): ReturnType<PairTable['take']> {
    return this.registers.take();
  }

  /** By their bytes: there are too many for texts. */
  private addTraces({ batch }: ServiceBatch, mask: Uint8Array, cells: Int32Array): void {
    const { traceId } = (batch as Batch<'traces'>).columns;
    const words = new Int32Array(traceId.buffer, traceId.byteOffset, 4 * batch.rowCount);
    for (let row = 0; row < batch.rowCount; row += 1) {
      if (mask[row] === 0) continue;
      const at = 4 * row;
      if (((words[at] ?? 0) | (words[at + 1] ?? 0) | (words[at + 2] ?? 0) | (words[at + 3] ?? 0)) === 0) {
        continue;
      }
      const hash = xxHash32(traceId, 16 * row, 16 * row + 16);
      this.registers.raise(cells[row] ?? 0, registerOf(hash), rankOf(hash));
    }
  }

  private hashOf(id: number): number {
    if (id >= this.hashes.length) {
      const known = this.hashes.length;
      this.hashes = grown(this.hashes, id + 1).fill(NaN, known);
    }
    let hash = this.hashes[id] ?? NaN;
    if (hash !== hash) {
      hash = xxHash32(encoder.encode(this.ids.texts[id] ?? ''));
      this.hashes[id] = hash;
    }
    return hash;
  }
}

function grown(values: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(length, 2 * values.length));
  larger.set(values);
  return larger;
}

function inPlaces(
  pairs: ReturnType<PairTable['take']>,
  places: ReadonlyMap<number, number>,
): ReturnType<PairTable['take']> {
  return { ...pairs, cells: pairs.cells.map((cell) => places.get(cell) ?? 0) };
}
