// Hot: once a selected row and attribute. Bench: bench/hot-query.
import type { DictionarySnapshot } from '../../proto/columns/index.ts';
import { dictionaryReader } from '../columns/index.ts';
import { anyValueText } from '../json/index.ts';
import type { FieldTally } from './field-tally.ts';
import { attributeKeys } from '../search/index.ts';

type CountedTable = 'attributes' | 'resources' | 'scopes' | 'strings';

interface Generation {
  snapshot: DictionarySnapshot;
  /** By code, one behind the other for all selections. */
  counts: Uint32Array;
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
    const { counts } = this.generation(snapshot);
    const at = code * this.width + selection;
    counts[at] = (counts[at] ?? 0) + count;
  }

  addColumn(
    snapshot: DictionarySnapshot,
    codes: Int32Array,
    mask: Uint8Array,
    rows: number,
    selection: number,
  ): void {
    const { counts } = this.generation(snapshot);
    const { width } = this;
    // Neighbours often have the same code: they are added up before they are stored.
    let last = 0;
    let run = 0;
    for (let row = 0; row < rows; row += 1) {
      const code = codes[row] ?? 0;
      if (code !== last) {
        if (run > 0) counts[last * width + selection] = (counts[last * width + selection] ?? 0) + run;
        last = code;
        run = 0;
      }
      run += mask[row] ?? 0;
    }
    if (run > 0) counts[last * width + selection] = (counts[last * width + selection] ?? 0) + run;
  }

  /** Of two selections at once: 1 or 2 says which one a row is in, 0 that it is in none. */
  addBoth(
    snapshot: DictionarySnapshot,
    offsets: Int32Array,
    codes: Int32Array,
    selectionOf: Uint8Array,
    rows: number,
  ): void {
    const { counts } = this.generation(snapshot);
    let item = offsets[0] ?? 0;
    for (let row = 0; row < rows; row += 1) {
      const end = offsets[row + 1] ?? 0;
      const selection = selectionOf[row] ?? 0;
      if (selection === 0) {
        item = end;
        continue;
      }
      for (; item < end; item += 1) {
        const at = 2 * (codes[item] ?? 0) + selection - 1;
        counts[at] = (counts[at] ?? 0) + 1;
      }
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
    const { counts } = this.generation(snapshot);
    const { width } = this;
    if (isWhole) {
      const last = offsets[rows] ?? 0;
      for (let item = offsets[0] ?? 0; item < last; item += 1) {
        const at = (codes[item] ?? 0) * width + selection;
        counts[at] = (counts[at] ?? 0) + 1;
      }
      return;
    }
    for (let row = 0; row < rows; row += 1) {
      if (mask[row] === 0) continue;
      const end = offsets[row + 1] ?? 0;
      for (let item = offsets[row] ?? 0; item < end; item += 1) {
        const at = (codes[item] ?? 0) * width + selection;
        counts[at] = (counts[at] ?? 0) + 1;
      }
    }
  }

  forEach(
    visit: (snapshot: DictionarySnapshot, code: number, counts: Uint32Array, at: number) => void,
  ): void {
    for (const { snapshot, counts } of this.generations.values()) {
      const { count } = snapshot.tables[this.table];
      for (let code = 0; code < count; code += 1) {
        if (this.sumAt(counts, code) > 0) visit(snapshot, code, counts, code * this.width);
      }
    }
  }

  /** The most frequent attributes of each key, as values of the field of that name; the others only as present. */
  tallyEntries(mostValues: number, tally: FieldTally): void {
    for (const { snapshot, counts } of this.generations.values()) {
      const { keyOf, keys } = attributeKeys(snapshot);
      const byKey: number[][] = keys.map(() => []);
      const { count } = snapshot.tables.attributes;
      for (let code = 0; code < count; code += 1) {
        if (this.sumAt(counts, code) > 0) byKey[keyOf[code] ?? 0]?.push(code);
      }
      for (const [index, codes] of byKey.entries()) {
        const key = keys[index] ?? '';
        const kept = this.mostFrequent(codes, counts, mostValues);
        for (const code of kept) {
          const { value } = dictionaryReader(snapshot).attribute(code);
          tally.add(key, anyValueText(value), counts, code * this.width);
        }
        if (kept.length < codes.length) tally.addOthers(key, this.rest(codes, kept, counts));
      }
    }
  }

  private mostFrequent(codes: readonly number[], counts: Uint32Array, most: number): readonly number[] {
    if (codes.length <= most) return codes;
    const sums = Uint32Array.from(codes, (code) => this.sumAt(counts, code));
    const least = leastOfMost(sums, most);
    const above: number[] = [];
    const level: number[] = [];
    for (let index = 0; index < sums.length; index += 1) {
      const sum = sums[index] ?? 0;
      if (sum > least) above.push(codes[index] ?? 0);
      else if (sum === least && level.length < most) level.push(codes[index] ?? 0);
    }
    return [...above, ...level.slice(0, most - above.length)];
  }

  private rest(codes: readonly number[], kept: readonly number[], counts: Uint32Array): number[] {
    return Array.from({ length: this.width }, (_, selection) => {
      let rest = 0;
      for (const code of codes) rest += counts[code * this.width + selection] ?? 0;
      for (const code of kept) rest -= counts[code * this.width + selection] ?? 0;
      return rest;
    });
  }

  private sumAt(counts: Uint32Array, code: number): number {
    let sum = 0;
    const from = code * this.width;
    for (let at = from; at < from + this.width; at += 1) sum += counts[at] ?? 0;
    return sum;
  }

  private generation(snapshot: DictionarySnapshot): Generation {
    let generation = this.generations.get(snapshot.id);
    if (!generation) {
      generation = { snapshot, counts: new Uint32Array(0) };
      this.generations.set(snapshot.id, generation);
    }
    const { count } = snapshot.tables[this.table];
    if (count > generation.snapshot.tables[this.table].count) generation.snapshot = snapshot;
    if (generation.counts.length < count * this.width) {
      const larger = new Uint32Array(Math.max(count * this.width, 2 * generation.counts.length));
      larger.set(generation.counts);
      generation.counts = larger;
    }
    return generation;
  }
}

/** The number that the `most` greatest are at least. By counting, where the numbers are small: sorting takes ten times as long. */
function leastOfMost(numbers: Uint32Array, most: number): number {
  const greatest = numbers.reduce((a, b) => (a > b ? a : b), 0);
  if (greatest > 1_000_000) return numbers.toSorted()[numbers.length - most] ?? 0;
  const howMany = new Uint32Array(greatest + 1);
  for (const number of numbers) howMany[number] = (howMany[number] ?? 0) + 1;
  let left = most;
  for (let number = greatest; number > 0; number -= 1) {
    left -= howMany[number] ?? 0;
    if (left <= 0) return number;
  }
  return 0;
}
