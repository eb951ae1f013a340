import type { FieldCounts, ValueCountsPartial } from '../../proto/query/index.ts';

/** Values of a field that are compared. */
const COMPARED_VALUES = 50;

export interface DifferingField {
  readonly field: string;
  /**
   * From 0 (as alike as chance would have it) to 1: half the sum, over the field's 50 most frequent values and its absence, of
   * the differences of their shares (the total variation distance of the two distributions), less what two samples of these
   * sizes from one distribution would have. Rarer values are left out, so that a field whose every value is new, such as
   * a request's id, does not stand out, however small the selections are.
   */
  readonly difference: number;
  /** Shares of the items that have the field, in both selections. */
  readonly present: readonly [number, number];
  /** Those whose shares differ most. */
  readonly values: readonly { readonly value: string; readonly shares: readonly [number, number] }[];
  readonly isCut: boolean;
}

/** Fields by how differently they are distributed in the two selections, the most different first. */
export function rankDifferences(
  { totals, fields }: ValueCountsPartial,
  mostValues: number,
): DifferingField[] {
  const shares = (counts: readonly number[]): readonly [number, number] => [
    share(counts[0], totals[0]),
    share(counts[1], totals[1]),
  ];
  return fields
    .map((counted) => differing(counted, shares, totals, mostValues))
    .sort((a, b) => b.difference - a.difference || (a.field < b.field ? -1 : 1));
}

function differing(
  { field, present, values, isCut }: FieldCounts,
  shares: (counts: readonly number[]) => readonly [number, number],
  totals: readonly number[],
  mostValues: number,
): DifferingField {
  const compared = values.toSorted(
    (a, b) => total(b.counts) - total(a.counts) || (a.value < b.value ? -1 : 1),
  );
  const single = compared
    .slice(0, COMPARED_VALUES)
    .map(({ value, counts }) => ({ value, shares: shares(counts) }));
  const ofPresent = shares(present);
  const beyondChance = [ofPresent, ...single.map((each) => each.shares)].reduce(
    (sum, each) => sum + distance(each) - expectedDistance(each, totals),
    0,
  );
  const difference = Math.min(1, Math.max(0, beyondChance) / 2);
  return {
    field,
    difference,
    present: ofPresent,
    values: single.toSorted((a, b) => distance(b.shares) - distance(a.shares)).slice(0, mostValues),
    isCut,
  };
}

/**
 * About the mean difference of a value's shares in two samples of one distribution: its standard deviation, and of rare values
 * no more than both shares together.
 */
function expectedDistance(
  [a, b]: readonly [number, number],
  [sizeA = 0, sizeB = 0]: readonly number[],
): number {
  if (sizeA === 0 || sizeB === 0) return 0;
  const pooled = (a * sizeA + b * sizeB) / (sizeA + sizeB);
  const variance = pooled * Math.max(0, 1 - pooled) * (1 / sizeA + 1 / sizeB);
  return Math.min(2 * pooled, Math.sqrt(variance));
}

function share(count = 0, total = 0): number {
  // Of an event's attribute a span may have several values: each counts.
  return total === 0 ? 0 : Math.min(1, count / total);
}

function distance([a, b]: readonly [number, number]): number {
  return Math.abs(a - b);
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
