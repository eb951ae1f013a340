import type { FieldCounts, ValueCountsPartial } from '../../proto/query/index.ts';

interface Tally {
  readonly present: number[];
  readonly values: Map<string, number[]>;
  isCut: boolean;
}

/** Counts of values by field, from several generations, threads or tiers. */
export class FieldTally {
  private readonly width: number;
  private readonly fields = new Map<string, Tally>();

  /** `width`: selections. */
  constructor(width: number) {
    this.width = width;
  }

  /** `counts`: a number a selection. */
  add(field: string, value: string, counts: ArrayLike<number>): void {
    const tally = this.tallyOf(field);
    let known = tally.values.get(value);
    if (!known) {
      known = this.zeros();
      tally.values.set(value, known);
    }
    for (let selection = 0; selection < this.width; selection += 1) {
      const count = counts[selection] ?? 0;
      known[selection] = (known[selection] ?? 0) + count;
      tally.present[selection] = (tally.present[selection] ?? 0) + count;
    }
  }

  /** Items with the field whose values are not told apart. */
  addOthers(field: string, counts: ArrayLike<number>): void {
    const tally = this.tallyOf(field);
    for (let selection = 0; selection < this.width; selection += 1) {
      tally.present[selection] = (tally.present[selection] ?? 0) + (counts[selection] ?? 0);
    }
    tally.isCut = true;
  }

  merge(fields: readonly FieldCounts[]): void {
    for (const { field, present, values, isCut } of fields) {
      const others = [...present];
      for (const { value, counts } of values) {
        this.add(field, value, counts);
        for (const [selection, count] of counts.entries()) {
          others[selection] = (others[selection] ?? 0) - count;
        }
      }
      if (isCut) this.addOthers(field, others);
    }
  }

  /** Fields with an item, each with its most frequent values. */
  take(mostValues: number): FieldCounts[] {
    return [...this.fields]
      .filter(([, { present }]) => present.some((count) => count > 0))
      .map(([field, { present, values, isCut }]) => {
        const sorted = [...values]
          .filter(([, counts]) => sum(counts) > 0)
          .sort(([a, aCounts], [b, bCounts]) => sum(bCounts) - sum(aCounts) || (a < b ? -1 : 1));
        return {
          field,
          present,
          values: sorted.slice(0, mostValues).map(([value, counts]) => ({ value, counts })),
          isCut: isCut || sorted.length > mostValues,
        };
      });
  }

  private tallyOf(field: string): Tally {
    let tally = this.fields.get(field);
    if (!tally) {
      tally = { present: this.zeros(), values: new Map(), isCut: false };
      this.fields.set(field, tally);
    }
    return tally;
  }

  private zeros(): number[] {
    return Array.from({ length: this.width }, () => 0);
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** Counts of disjoint items as those of all of them. `width`: selections. */
export function mergeValueCounts(
  partials: readonly ValueCountsPartial[],
  width: number,
  mostValues: number,
): ValueCountsPartial {
  const tally = new FieldTally(width);
  const totals = Array.from({ length: width }, () => 0);
  for (const partial of partials) {
    tally.merge(partial.fields);
    for (const [index, total] of partial.totals.entries()) totals[index] = (totals[index] ?? 0) + total;
  }
  return { totals, fields: tally.take(mostValues) };
}
