import type { FieldCounts, ValueCountsPartial } from '../../proto/query/index.ts';

/** Values of a field that are compared one by one; all others are one. */
const COMPARED_VALUES = 50;

export interface DifferingField {
  readonly field: string;
  /**
   * Total variation distance of the two distributions, from 0 (the same) to 1 (nothing in common): half the sum, over values, of
   * the differences of their shares. The most frequent 50 values count one by one, all others together, and absence is a
   * value too. So a field whose every value is new, such as a request's id, does not stand out.
   */
  readonly difference: number;
  /** Shares of the items that have the field, in both selections. */
  readonly present: readonly [number, number];
  /** Those whose shares differ most. */
  readonly values: readonly { readonly value: string; readonly shares: readonly [number, number] }[];
  readonly isCut: boolean;
}

/** Fields by how differently they are distributed in the two selections, the most different first. */
export function rankDifferences({ totals, fields }: ValueCountsPartial, mostValues: number): DifferingField[] {
  const shares = (counts: readonly number[]): readonly [number, number] => [
    share(counts[0], totals[0]),
    share(counts[1], totals[1]),
  ];
  return fields
    .map((counted) => differing(counted, shares, mostValues))
    .sort((a, b) => b.difference - a.difference || (a.field < b.field ? -1 : 1));
}

function differing(
  { field, present, values, isCut }: FieldCounts,
  shares: (counts: readonly number[]) => readonly [number, number],
  mostValues: number,
): DifferingField {
  const compared = values
    .map(({ value, counts }) => ({ value, shares: shares(counts) }))
    .sort((a, b) => sum(b.shares) - sum(a.shares) || (a.value < b.value ? -1 : 1));
  const single = compared.slice(0, COMPARED_VALUES);
  const ofPresent = shares(present);
  const others = [0, 1].map((index) => single.reduce((rest, each) => rest - (each.shares[index] ?? 0), ofPresent[index] ?? 0));
  const difference =
    (single.reduce((total, each) => total + distance(each.shares), 0) +
      Math.abs((others[0] ?? 0) - (others[1] ?? 0)) +
      distance(ofPresent)) /
    2;
  return {
    field,
    difference,
    present: ofPresent,
    values: single.toSorted((a, b) => distance(b.shares) - distance(a.shares)).slice(0, mostValues),
    isCut,
  };
}

function share(count = 0, total = 0): number {
  return total === 0 ? 0 : count / total;
}

function distance([a, b]: readonly [number, number]): number {
  return Math.abs(a - b);
}

function sum([a, b]: readonly [number, number]): number {
  return a + b;
}
