// Hot: once a selected row and attribute. Bench: bench/hot-query.
import type { DictionarySnapshot } from '../../proto/columns/index.ts';
import { dictionaryReader } from '../columns/index.ts';
import { anyValueText } from '../json/index.ts';
import { addItems } from './add-items.ts';
import type { FieldTally } from './field-tally.ts';
import { codesByKey, mostFrequent, sumsOf } from './frequent-codes.ts';
import { attributeKeys } from '../search/index.ts';

type CountedTable = 'attributes' | 'resources' | 'scopes' | 'strings';

/** Rows that were counted for selection `from` and belong to `to`. */
export interface MovedRows {
  readonly rows: Uint32Array;
  readonly from: number;
  readonly to: number;
}

/** The attributes of a row's events. */
export interface NestedLists {
  readonly offsets: Int32Array;
  readonly items: { readonly attributes: { readonly offsets: Int32Array; readonly items: Int32Array } };
}

interface Generation {
  snapshot: DictionarySnapshot;
  /** Of each selection, by code. */
  readonly counts: Uint32Array[];
  /** What is still to be moved: by selection from which, then to which, by code. */
  readonly moved: Uint32Array[][];
}

/** How many rows refer to each entry of a dictionary. */
export class CodeCounts {
  private readonly table: CountedTable;
  private readonly width: number;
  private readonly generations = new Map<number, Generation>();

  constructor(table: CountedTable, width: number) {
    this.table = table;
    this.width = width;
  }

  addOne(snapshot: DictionarySnapshot, code: number, count: number, selection: number): void {
    const counts = this.countsOf(snapshot, selection);
    counts[code] = (counts[code] ?? 0) + count;
  }

  /** `isWhole`: all rows are in the mask. */
  addColumn(
    snapshot: DictionarySnapshot,
    codes: Int32Array,
    mask: Uint8Array,
    rows: number,
    selection: number,
    isWhole: boolean,
  ): void {
    if (!isWhole) addMaskedRuns(this.countsOf(snapshot, selection), codes, mask, rows);
    else if (isOneCode(codes, rows)) this.addOne(snapshot, codes[0] ?? 0, rows, selection);
    else addItems(this.countsOf(snapshot, selection), codes, 0, rows);
  }

  /** As `addBoth`, of one code a row. */
  addColumnBoth(
    snapshot: DictionarySnapshot,
    codes: Int32Array,
    selectionOf: Uint8Array,
    rows: number,
  ): void {
    const [firstCounts, secondCounts] = this.bothCounts(snapshot);
    let last = 0;
    let first = 0;
    let second = 0;
    for (let row = 0; row < rows; row += 1) {
      const code = codes[row] ?? 0;
      if (code !== last) {
        firstCounts[last] = (firstCounts[last] ?? 0) + first;
        secondCounts[last] = (secondCounts[last] ?? 0) + second;
        last = code;
        first = 0;
        second = 0;
      }
      const selection = selectionOf[row] ?? 0;
      first += selection & 1;
      second += selection >> 1;
    }
    firstCounts[last] = (firstCounts[last] ?? 0) + first;
    secondCounts[last] = (secondCounts[last] ?? 0) + second;
  }

  /** Of two selections at once: 1 or 2 says which one a row is in, 0 that it is in none. */
  addBoth(
    snapshot: DictionarySnapshot,
    offsets: Int32Array,
    codes: Int32Array,
    selectionOf: Uint8Array,
    rows: number,
  ): void {
    const [first, second] = this.bothCounts(snapshot);
    let from = 0;
    // Rows of one selection that stand together are one list.
    for (let row = 0; row < rows; row = from) {
      const selection = selectionOf[row] ?? 0;
      for (from = row + 1; from < rows && selectionOf[from] === selection;) from += 1;
      if (selection === 0) continue;
      addItems(selection === 1 ? first : second, codes, offsets[row] ?? 0, offsets[from] ?? 0);
    }
  }

  /** `isWhole`: all rows are in the mask. */
  addLists(
    snapshot: DictionarySnapshot,
    offsets: Int32Array,
    codes: Int32Array,
    mask: Uint8Array,
    rows: number,
    selection: number,
    isWhole: boolean,
  ): void {
    const counts = this.countsOf(snapshot, selection);
    if (isWhole) {
      addItems(counts, codes, offsets[0] ?? 0, offsets[rows] ?? 0);
      return;
    }
    for (let row = 0; row < rows; row += 1) {
      if (mask[row] === 0) continue;
      addItems(counts, codes, offsets[row] ?? 0, offsets[row + 1] ?? 0);
    }
  }

  /** Lists of lists; a row counts once for each different code of its own. */
  addNested(
    snapshot: DictionarySnapshot,
    { offsets, items: { attributes } }: NestedLists,
    mask: Uint8Array,
    rows: number,
    selection: number,
  ): void {
    if ((attributes.offsets[offsets[rows] ?? 0] ?? 0) === 0) return;
    const counts = this.countsOf(snapshot, selection);
    for (let row = 0; row < rows; row += 1) {
      if (mask[row] === 0) continue;
      const from = attributes.offsets[offsets[row] ?? 0] ?? 0;
      const to = attributes.offsets[offsets[row + 1] ?? 0] ?? 0;
      if (to > from) addDifferent(counts, attributes.items, from, to);
    }
  }

  /** Counts these rows for another selection than they were counted for. */
  moveColumn(snapshot: DictionarySnapshot, codes: Int32Array, { rows, from, to }: MovedRows): void {
    const moved = this.movedOf(snapshot, from, to);
    for (const row of rows) {
      const code = codes[row] ?? 0;
      moved[code] = (moved[code] ?? 0) + 1;
    }
  }

  moveLists(
    snapshot: DictionarySnapshot,
    offsets: Int32Array,
    codes: Int32Array,
    { rows, from, to }: MovedRows,
  ): void {
    const moved = this.movedOf(snapshot, from, to);
    for (const row of rows) addItems(moved, codes, offsets[row] ?? 0, offsets[row + 1] ?? 0);
  }

  /** `counts`: of each selection. */
  forEach(visit: (snapshot: DictionarySnapshot, code: number, counts: readonly number[]) => void): void {
    for (const generation of this.generations.values()) {
      const { snapshot, counts } = settled(generation);
      const sums = sumsOf(counts, snapshot.tables[this.table].count);
      for (let code = 0; code < sums.length; code += 1) {
        if (sums[code] !== 0) visit(snapshot, code, countsAt(counts, code));
      }
    }
  }

  /** The most frequent attributes of each key, as values of the field of that name; the others only as present. */
  tallyEntries(mostValues: number, tally: FieldTally, prefix = ''): void {
    for (const generation of this.generations.values()) {
      const { snapshot, counts } = settled(generation);
      const { keyOf, keys } = attributeKeys(snapshot);
      const sums = sumsOf(counts, snapshot.tables.attributes.count);
      for (const [index, codes] of codesByKey(keyOf, keys.length, sums).entries()) {
        const key = `${prefix}${keys[index] ?? ''}`;
        const kept = mostFrequent(codes, sums, mostValues);
        for (const code of kept) {
          const { value } = dictionaryReader(snapshot).attribute(code);
          tally.add(key, anyValueText(value), countsAt(counts, code));
        }
        if (kept.length < codes.length) tally.addOthers(key, rest(codes, kept, counts));
      }
    }
  }

  private bothCounts(snapshot: DictionarySnapshot): readonly [Uint32Array, Uint32Array] {
    return [this.countsOf(snapshot, 0), this.countsOf(snapshot, 1)];
  }

  private countsOf(snapshot: DictionarySnapshot, selection: number): Uint32Array {
    const { counts } = this.generationOf(snapshot);
    return (counts[selection] = withRoom(counts[selection], snapshot.tables[this.table].count));
  }

  private movedOf(snapshot: DictionarySnapshot, from: number, to: number): Uint32Array {
    const moved = (this.generationOf(snapshot).moved[from] ??= []);
    return (moved[to] = withRoom(moved[to], snapshot.tables[this.table].count));
  }

  private generationOf(snapshot: DictionarySnapshot): Generation {
    let generation = this.generations.get(snapshot.id);
    if (!generation) {
      const counts = Array.from({ length: this.width }, () => new Uint32Array(0));
      generation = { snapshot, counts, moved: [] };
      this.generations.set(snapshot.id, generation);
    }
    const { count } = snapshot.tables[this.table];
    if (count > generation.snapshot.tables[this.table].count) generation.snapshot = snapshot;
    return generation;
  }
}

function withRoom(counts: Uint32Array | undefined, length: number): Uint32Array {
  if (counts && counts.length >= length) return counts;
  const larger = new Uint32Array(Math.max(length, 2 * (counts?.length ?? 0)));
  if (counts) larger.set(counts);
  return larger;
}

/** Moves what is still to be moved: all of it once a code is cheaper than each row when it comes. */
function settled(generation: Generation): Generation {
  const { counts, moved } = generation;
  moved.forEach((ofFrom, from) => {
    ofFrom.forEach((numbers, to) => {
      counts[from] = withRoom(counts[from], numbers.length);
      counts[to] = withRoom(counts[to], numbers.length);
      const [many, few] = [counts[from], counts[to]];
      for (let code = 0; code < numbers.length; code += 1) {
        const number = numbers[code] ?? 0;
        if (number === 0) continue;
        many[code] = (many[code] ?? 0) - number;
        few[code] = (few[code] ?? 0) + number;
      }
    });
  });
  moved.length = 0;
  return generation;
}

/** As resources and scopes mostly are within a batch: a third of what counting each row takes. */
function isOneCode(codes: Int32Array, rows: number): boolean {
  const first = codes[0] ?? 0;
  let row = 1;
  while (row < rows && codes[row] === first) row += 1;
  return row >= rows;
}

/** Longer lists are told apart by a set: looking for each code in all before it would take their square. */
const SHORT_LIST = 32;

function addDifferent(counts: Uint32Array, codes: Int32Array, from: number, to: number): void {
  if (to - from > SHORT_LIST) {
    for (const code of new Set(codes.subarray(from, to))) counts[code] = (counts[code] ?? 0) + 1;
    return;
  }
  for (let item = from; item < to; item += 1) {
    const code = codes[item] ?? 0;
    let first = from;
    while (codes[first] !== code) first += 1;
    if (first === item) counts[code] = (counts[code] ?? 0) + 1;
  }
}

/** Neighbours often have the same code: they are added up before they are stored. */
function addMaskedRuns(counts: Uint32Array, codes: Int32Array, mask: Uint8Array, rows: number): void {
  let last = 0;
  let run = 0;
  for (let row = 0; row < rows; row += 1) {
    const code = codes[row] ?? 0;
    if (code !== last) {
      if (run > 0) counts[last] = (counts[last] ?? 0) + run;
      last = code;
      run = 0;
    }
    run += mask[row] ?? 0;
  }
  if (run > 0) counts[last] = (counts[last] ?? 0) + run;
}

type Counts = readonly Uint32Array[];

function countsAt(counts: Counts, code: number): number[] {
  return counts.map((ofSelection) => ofSelection[code] ?? 0);
}

function rest(codes: Uint32Array, kept: Iterable<number>, counts: Counts): number[] {
  return counts.map((ofSelection) => {
    let left = 0;
    for (let index = 0; index < codes.length; index += 1) left += ofSelection[codes[index] ?? 0] ?? 0;
    for (const code of kept) left -= ofSelection[code] ?? 0;
    return left;
  });
}
