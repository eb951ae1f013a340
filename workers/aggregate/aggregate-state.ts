import type {
  AggregatePartial,
  AggregateQuery,
  GroupKey,
  NumberPartial,
  PairCounts,
} from '../../proto/query/index.ts';
import { estimateDistinct } from './distinct-sketch.ts';
import { histogramQuantile } from './log-histogram.ts';

/** What a number field of a cell comes to. */
export class NumberState {
  count = 0;
  sum = 0;
  min = Infinity;
  max = -Infinity;
  readonly histogram = new Map<number, number>();

  /** Within 1 %; `undefined` when there is no number. The outermost are exact. */
  quantile(q: number): number | undefined {
    const value = histogramQuantile(this.histogram, q);
    return value === undefined ? undefined : Math.min(Math.max(value, this.min), this.max);
  }
}

/** A group within a time bucket. */
export class CellState {
  readonly key: GroupKey;
  readonly bucket: number;
  count = 0;
  readonly numbers: readonly NumberState[];
  private readonly registers: readonly Map<number, number>[];

  constructor(key: GroupKey, bucket: number, query: Pick<AggregateQuery, 'numbers' | 'distincts'>) {
    this.key = key;
    this.bucket = bucket;
    this.numbers = query.numbers.map(() => new NumberState());
    this.registers = query.distincts.map(() => new Map());
  }

  distinct(index: number): number {
    return estimateDistinct(this.registers[index]?.values() ?? []);
  }

  raise(index: number, register: number, rank: number): void {
    const registers = this.registers[index];
    if (registers && rank > (registers.get(register) ?? 0)) registers.set(register, rank);
  }
}

/** Partials of all threads and tiers, merged: what they say together of all items. */
export class AggregateState {
  ungrouped = 0;
  private readonly query: Pick<AggregateQuery, 'numbers' | 'distincts'>;
  private readonly byKey = new Map<string, CellState>();

  constructor(query: Pick<AggregateQuery, 'numbers' | 'distincts'>) {
    this.query = query;
  }

  get cells(): readonly CellState[] {
    return [...this.byKey.values()];
  }

  merge(partial: AggregatePartial): void {
    const { groups, cellGroups, cellBuckets, counts } = partial;
    this.ungrouped += partial.ungrouped;
    const cells = Array.from(counts, (count, index) => {
      const cell = this.cell(groups[cellGroups[index] ?? 0] ?? [], cellBuckets[index] ?? 0);
      cell.count += count;
      return cell;
    });
    for (const [index, number] of partial.numbers.entries()) mergeNumber(cells, index, number);
    for (const [index, pairs] of partial.distincts.entries()) {
      forEachPair(pairs, (place, register, rank) => cells[place]?.raise(index, register, rank));
    }
  }

  private cell(key: GroupKey, bucket: number): CellState {
    const name = JSON.stringify([bucket, ...key]);
    let cell = this.byKey.get(name);
    if (!cell) {
      cell = new CellState(key, bucket, this.query);
      this.byKey.set(name, cell);
    }
    return cell;
  }
}

function mergeNumber(cells: readonly CellState[], index: number, partial: NumberPartial): void {
  for (const [place, cell] of cells.entries()) {
    const number = cell.numbers[index];
    if (!number) continue;
    number.count += partial.counts[place] ?? 0;
    number.sum += partial.sums[place] ?? 0;
    number.min = Math.min(number.min, partial.mins[place] ?? Infinity);
    number.max = Math.max(number.max, partial.maxs[place] ?? -Infinity);
  }
  forEachPair(partial.histogram, (place, bucket, count) => {
    const histogram = cells[place]?.numbers[index]?.histogram;
    histogram?.set(bucket, (histogram.get(bucket) ?? 0) + count);
  });
}

function forEachPair(
  { cells, keys, counts }: PairCounts,
  visit: (cell: number, key: number, count: number) => void,
): void {
  for (let index = 0; index < cells.length; index += 1) {
    visit(cells[index] ?? 0, keys[index] ?? 0, counts[index] ?? 0);
  }
}
