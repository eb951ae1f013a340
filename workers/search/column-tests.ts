// Hot: once a row. Bench: bench/hot-query.
import type { AnyBatch, Batch, ServiceBatch, ServiceKey } from '../../proto/columns/index.ts';
import { isAllZeros } from '../columns/index.ts';
import { OTHER, PASSES, type EntryTables, type PassedEntries } from './entry-tables.ts';
import { hasRepeatedKeys } from './repeated-keys.ts';
import { countIn, keepCommon, newMask, type RowTest } from './row-test.ts';

/** The service of the whole batch. */
export class ServiceTest implements RowTest {
  readonly cost = 0;
  private readonly passes: (service: ServiceKey) => boolean;

  constructor(passes: (service: ServiceKey) => boolean) {
    this.passes = passes;
  }

  refine({ service }: ServiceBatch, mask: Uint8Array, rows: number): number {
    if (this.passes(service)) return countIn(mask, rows);
    mask.fill(0, 0, rows);
    return 0;
  }
}

/** A small number. */
export class ByteTest implements RowTest {
  readonly cost = 1;
  private readonly columnOf: (batch: AnyBatch) => Uint8Array;
  private readonly min: number;
  private readonly max: number;

  constructor(columnOf: (batch: AnyBatch) => Uint8Array, min: number, max: number) {
    this.columnOf = columnOf;
    this.min = min;
    this.max = max;
  }

  refine({ batch }: ServiceBatch, mask: Uint8Array, rows: number): number {
    const column = this.columnOf(batch as AnyBatch);
    const { min, max } = this;
    let left = 0;
    for (let row = 0; row < rows; row += 1) {
      const value = column[row] ?? 0;
      left += mask[row] = (mask[row] ?? 0) & Number(value >= min && value <= max);
    }
    return left;
  }
}

/** A signed 64-bit number within bounds, compared by its words. */
export class DurationTest implements RowTest {
  readonly cost = 1;
  private readonly minHi: number;
  private readonly minLo: number;
  private readonly maxHi: number;
  private readonly maxLo: number;

  constructor(min: bigint, max: bigint) {
    this.minHi = Number(min >> 32n);
    this.minLo = Number(min & 0xffff_ffffn);
    this.maxHi = Number(max >> 32n);
    this.maxLo = Number(max & 0xffff_ffffn);
  }

  refine({ batch }: ServiceBatch, mask: Uint8Array, rows: number): number {
    const { durationNano } = (batch as Batch<'traces'>).columns;
    const words = new Int32Array(durationNano.buffer, durationNano.byteOffset, 2 * rows);
    const { minHi, minLo, maxHi, maxLo } = this;
    let left = 0;
    for (let row = 0; row < rows; row += 1) {
      const lo = (words[2 * row] ?? 0) >>> 0;
      const hi = words[2 * row + 1] ?? 0;
      const isWithin =
        (hi > minHi || (hi === minHi && lo >= minLo)) && (hi < maxHi || (hi === maxHi && lo <= maxLo));
      left += mask[row] = (mask[row] ?? 0) & Number(isWithin);
    }
    return left;
  }
}

/** An id of 8 or 16 bytes; without one: any that is not all zeros. */
export class IdTest implements RowTest {
  readonly cost = 2;
  private readonly columnOf: (batch: AnyBatch) => Uint8Array;
  private readonly id: WantedId;

  constructor(columnOf: (batch: AnyBatch) => Uint8Array, width: 8 | 16, hex: string | undefined) {
    this.columnOf = columnOf;
    this.id = new WantedId(width, hex);
  }

  refine({ batch }: ServiceBatch, mask: Uint8Array, rows: number): number {
    const ids = this.id.wordsOf(this.columnOf(batch as AnyBatch), rows);
    let left = 0;
    for (let row = 0; row < rows; row += 1) {
      if (mask[row] !== 0) left += mask[row] = Number(this.id.isAt(ids, row));
    }
    return left;
  }
}

interface LinkIds {
  readonly offsets: Int32Array;
  readonly ids: Uint8Array;
}

/** Any link of a span. */
export class LinkTest implements RowTest {
  readonly cost = 3;
  private readonly columnOf: (batch: AnyBatch) => LinkIds;
  private readonly id: WantedId;

  constructor(columnOf: (batch: AnyBatch) => LinkIds, width: 8 | 16, hex: string | undefined) {
    this.columnOf = columnOf;
    this.id = new WantedId(width, hex);
  }

  refine({ batch }: ServiceBatch, mask: Uint8Array, rows: number): number {
    const { offsets, ids } = this.columnOf(batch as AnyBatch);
    const words = this.id.wordsOf(ids, offsets[rows] ?? 0);
    let left = 0;
    for (let row = 0; row < rows; row += 1) {
      if (mask[row] === 0) continue;
      const end = offsets[row + 1] ?? 0;
      let link = offsets[row] ?? 0;
      while (link < end && !this.id.isAt(words, link)) link += 1;
      left += mask[row] = Number(link < end);
    }
    return left;
  }
}

/** Of trace ids (16 bytes) or span ids (8): one of them, or without hexadecimal digits any that is not all zeros. */
class WantedId {
  private readonly id: Int32Array;
  private readonly isAny: boolean;

  constructor(width: 8 | 16, hex: string | undefined) {
    this.id = new Int32Array(width / 4);
    this.isAny = hex === undefined;
    if (hex !== undefined) new Uint8Array(this.id.buffer).set(Buffer.from(hex, 'hex'));
  }

  /** A column of so many ids, four bytes at a time. */
  wordsOf(column: Uint8Array, count: number): Int32Array {
    return new Int32Array(column.buffer, column.byteOffset, this.id.length * count);
  }

  isAt(words: Int32Array, index: number): boolean {
    const width = this.id.length;
    let differs = false;
    for (let word = 0; word < width && !differs; word += 1) {
      differs = words[width * index + word] !== this.id[word];
    }
    return differs === this.isAny;
  }
}

/** One entry a row: a name, a resource, a scope. */
export class CodeTest implements RowTest {
  readonly cost = 2;
  private readonly columnOf: (batch: AnyBatch) => Int32Array;
  private readonly tables: EntryTables;

  constructor(columnOf: (batch: AnyBatch) => Int32Array, tables: EntryTables) {
    this.columnOf = columnOf;
    this.tables = tables;
  }

  canPass({ batch }: ServiceBatch): boolean {
    return this.tables.of(batch.dictionary).hasAny;
  }

  refine({ batch }: ServiceBatch, mask: Uint8Array, rows: number): number {
    const { states, hasAny } = this.tables.of(batch.dictionary);
    if (!hasAny) return none(mask, rows);
    const column = this.columnOf(batch as AnyBatch);
    let left = 0;
    for (let row = 0; row < rows; row += 1) {
      left += mask[row] = (mask[row] ?? 0) & (states[column[row] ?? 0] ?? 0);
    }
    return left;
  }
}

interface CodeLists {
  readonly offsets: Int32Array;
  readonly items: Int32Array;
}

/** Any of a row's entries: attributes, names of events. */
export class CodeListTest implements RowTest {
  readonly cost = 10;
  private readonly isKeyed: boolean;
  private found = newMask(0);
  private readonly columnOf: (batch: AnyBatch) => CodeLists;
  private readonly tables: EntryTables;

  /** `isKeyed`: entries are attributes, and those of one key are looked for. */
  constructor(columnOf: (batch: AnyBatch) => CodeLists, tables: EntryTables, isKeyed = false) {
    this.columnOf = columnOf;
    this.tables = tables;
    this.isKeyed = isKeyed;
  }

  canPass({ batch }: ServiceBatch): boolean {
    return this.tables.of(batch.dictionary).hasAny;
  }

  refine({ batch }: ServiceBatch, mask: Uint8Array, rows: number): number {
    const entries = this.tables.of(batch.dictionary);
    if (!entries.hasAny) return none(mask, rows);
    const { offsets, items } = this.columnOf(batch as AnyBatch);
    if (this.isKeyed && !hasRepeatedKeys(batch as Batch<'traces' | 'logs'>)) {
      return refineKeyed(mask, rows, offsets, items, entries);
    }
    if (4 * countIn(mask, rows) < rows) return refineLists(mask, rows, offsets, offsets, items, entries);
    if (this.found.length < rows) this.found = newMask(rows);
    return refineAll(mask, this.found, rows, offsets, items, entries);
  }
}

/** Any attribute of any event of a span. */
export class EventAttributeTest implements RowTest {
  readonly cost = 12;
  private readonly tables: EntryTables;

  constructor(tables: EntryTables) {
    this.tables = tables;
  }

  canPass({ batch }: ServiceBatch): boolean {
    return !isAllZeros(batch as Batch<'traces'>, 'events') && this.tables.of(batch.dictionary).hasAny;
  }

  refine({ batch }: ServiceBatch, mask: Uint8Array, rows: number): number {
    const entries = this.tables.of(batch.dictionary);
    if (!entries.hasAny || batch.signal !== 'traces') return none(mask, rows);
    const { offsets, items } = (batch as Batch<'traces'>).columns.events;
    const { attributes } = items;
    return refineLists(mask, rows, offsets, attributes.offsets, attributes.items, entries);
  }
}

/** Of rows that have each key once. The key is looked for where the row before had it. */
function refineKeyed(
  mask: Uint8Array,
  rows: number,
  offsets: Int32Array,
  codes: Int32Array,
  { states }: PassedEntries,
): number {
  let left = 0;
  let place = 0;
  let end = offsets[0] ?? 0;
  for (let row = 0; row < rows; row += 1) {
    const start = end;
    end = offsets[row + 1] ?? 0;
    let state = start + place < end ? (states[codes[start + place] ?? 0] ?? OTHER) : OTHER;
    if (state === OTHER && mask[row] !== 0) {
      const found = firstKeyed(states, codes, start, end);
      if (found < end) {
        place = found - start;
        state = states[codes[found] ?? 0] ?? OTHER;
      }
    }
    state &= PASSES & (mask[row] ?? 0);
    mask[row] = state;
    left += state;
  }
  return left;
}

/** The place of the code that has the key; `end`: none has. */
function firstKeyed(states: Uint8Array, codes: Int32Array, start: number, end: number): number {
  let at = start;
  while (at < end && states[codes[at] ?? 0] === OTHER) at += 1;
  return at;
}

/** Walks the items of all rows in one loop: several times as fast as a loop a row while most rows are wanted. */
function refineAll(
  mask: Uint8Array,
  found: Uint8Array,
  rows: number,
  offsets: Int32Array,
  codes: Int32Array,
  { states }: PassedEntries,
): number {
  found.fill(0, 0, 4 * Math.ceil(rows / 4));
  const end = offsets[rows] ?? 0;
  let row = 0;
  for (let at = offsets[0] ?? 0; at < end; at += 1) {
    if (states[codes[at] ?? 0] !== PASSES) continue;
    while ((offsets[row + 1] ?? 0) <= at) row += 1;
    found[row] = 1;
  }
  return keepCommon(mask, found, rows);
}

/** `outer` leads to `inner`, which leads to codes; where there is one step only, both are the same. */
function refineLists(
  mask: Uint8Array,
  rows: number,
  outer: Int32Array,
  inner: Int32Array,
  codes: Int32Array,
  { states }: PassedEntries,
): number {
  let left = 0;
  for (let row = 0; row < rows; row += 1) {
    if (mask[row] === 0) continue;
    let from = outer[row] ?? 0;
    let to = outer[row + 1] ?? 0;
    if (inner !== outer) {
      from = inner[from] ?? 0;
      to = inner[to] ?? 0;
    }
    let found = 0;
    for (let at = from; at < to && found === 0; at += 1) found = Number(states[codes[at] ?? 0] === PASSES);
    left += mask[row] = found;
  }
  return left;
}

function none(mask: Uint8Array, rows: number): number {
  mask.fill(0, 0, rows);
  return 0;
}
