// Hot: once an attribute and a string. Bench: bench/decode.
import type { RejectionReason, WarningReason } from '../../proto/columns/index.ts';
import {
  DictionaryGeneration,
  type ByteSource,
  type InterningTable,
  type ListBuilder,
  type WordBuilder,
} from '../columns/index.ts';
import { MalformedWire, WireReader } from '../wire/index.ts';
import { validateKeyValue, type EntryWalk } from './validate-entries.ts';

type AttributeLists = ListBuilder<WordBuilder>;

/** What the readers of all messages share: the cursor, the dictionary in use and what was counted in this request. */
export class DecodeContext implements EntryWalk {
  readonly reader = new WireReader();
  dictionary = new DictionaryGeneration();
  accepted = 0;
  rejected = 0;
  rejections = new Map<RejectionReason, number>();
  ignoredStringIndexes = 0;
  private addedEntries = 0;
  private readonly maxRequestEntries: number;

  constructor(maxRequestEntries: number) {
    this.maxRequestEntries = maxRequestEntries;
  }

  beginRequest(bytes: Uint8Array): void {
    this.reader.reset(bytes);
    this.accepted = 0;
    this.rejected = 0;
    this.rejections = new Map();
    this.ignoredStringIndexes = 0;
    this.addedEntries = 0;
  }

  reject(reason: RejectionReason): void {
    this.rejected++;
    this.rejections.set(reason, (this.rejections.get(reason) ?? 0) + 1);
  }

  warnings(): Map<WarningReason, number> {
    return warningsOf(this.ignoredStringIndexes);
  }

  /** Reads a string field and returns its code. */
  string(end: number): number {
    const reader = this.reader;
    const stop = reader.delimit(end);
    const start = reader.pos;
    reader.pos = stop;
    return start === stop ? 0 : this.intern(this.dictionary.strings, reader, start, stop);
  }

  /** Reads a `KeyValue` field as the next item of a row's list. Only bytes not seen before are looked into. */
  attribute(lists: AttributeLists, row: number, end: number): void {
    const reader = this.reader;
    const stop = reader.delimit(end);
    const start = reader.pos;
    const table = this.dictionary.attributes;
    let code = table.find(reader, start, stop);
    if (code < 0) {
      validateKeyValue(this, stop, 1);
      code = this.append(table, reader, start, stop);
    }
    lists.items.set(lists.push(row), code);
    reader.pos = stop;
  }

  intern(table: InterningTable, source: ByteSource, start: number, end: number): number {
    const code = table.find(source, start, end);
    return code < 0 ? this.append(table, source, start, end) : code;
  }

  /** Stores what the `find` just before did not find. */
  append(table: InterningTable, source: ByteSource, start: number, end: number): number {
    if (this.addedEntries === this.maxRequestEntries) {
      throw new MalformedWire(tooManyEntries(this.maxRequestEntries));
    }
    this.addedEntries++;
    return table.append(source, start, end);
  }
}

/** Codes that all rows of one scope share. */
export interface RowOrigin {
  resource: number;
  scope: number;
}

export function warningsOf(ignoredStringIndexes: number): Map<WarningReason, number> {
  return new Map(ignoredStringIndexes > 0 ? [['string-index-ignored', ignoredStringIndexes]] : []);
}

export function tooManyEntries(limit: number): string {
  return `It holds more than ${limit} names and values not seen lately; send them in several requests.`;
}
