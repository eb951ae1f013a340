// Hot: once a request. Bench: bench/decode.
import { getRandomValues } from 'node:crypto';
import {
  DICTIONARY_NAMES,
  REJECTION_REASONS,
  SIGNALS,
  type RejectionReason,
  type Signal,
} from '../../proto/columns/index.ts';
import type { SharedDictionary } from '../columns/index.ts';
import { COLUMN_GROUPS, type ColumnGroup } from './wasm-layout.ts';

interface Exports {
  hashKeys(): number;
  groups(): number;
  tables(): number;
  report(): number;
  startGeneration(): number;
  reserveInput(sizeBytes: number): number;
  decode(signal: number, sizeBytes: number, maxEntries: number): void;
  finish(): void;
  isZero(address: number, sizeBytes: number): number;
}

/** What the module was compiled for: see `buildDecoder` in runtime/setup/ensure.mjs. */
const PAGES = { initial: 16, maximum: 8192 } as const;
const HASH_KEY_BYTES = 1024;

// Bytes, as in workers/decode/wasm/columns.ts and table.ts.
const GROUP_BYTES = 16 + 16 * 32;
const GROUP_COLUMNS = 16;
const COLUMN_BYTES = 16;
const TABLE_BYTES = 40;
const SEGMENT_WORDS = 3;

/** Words of the report, as in workers/decode/wasm/index.ts. */
const Report = {
  faultCode: 0,
  faultAt: 1,
  faultEnd: 2,
  faultValue: 3,
  accepted: 4,
  rejected: 5,
  ignoredStringIndexes: 6,
  rejections: 7,
  segments: 8,
  segmentCount: 9,
} as const;

/** The first fault of a request; `code` 0 is none. Offsets are in bytes of the request. */
export interface WasmFault {
  readonly code: number;
  readonly at: number;
  readonly end: number;
  readonly value: number;
}

/** One instance of workers/decode/wasm and its memory. Addresses are good until the next `decode`. */
export class WasmInstance {
  private readonly memory = new WebAssembly.Memory(PAGES);
  private readonly exports: Exports;
  private readonly groups: number;
  private readonly tables: number;
  private readonly report: number;
  /** Over `memory`, which is a new buffer after it has grown. */
  private bytes = new Uint8Array(this.memory.buffer);
  private words = new Uint32Array(this.memory.buffer);

  constructor(module: WebAssembly.Module) {
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory } });
    this.exports = exports as unknown as Exports;
    this.groups = this.exports.groups();
    this.tables = this.exports.tables();
    this.report = this.exports.report() >>> 2;
    getRandomValues(this.bytes.subarray(this.exports.hashKeys(), this.exports.hashKeys() + HASH_KEY_BYTES));
    for (const group of COLUMN_GROUPS) this.describe(group);
  }

  get memoryBytes(): number {
    return this.memory.buffer.byteLength;
  }

  /** Forgets all entries. False: there is no memory for empty tables. */
  startGeneration(): boolean {
    const hasMemory = this.exports.startGeneration() !== 0;
    this.refresh();
    return hasMemory;
  }

  /** False: the bytes do not fit. */
  decode(signal: Signal, bytes: Uint8Array, maxEntries: number): boolean {
    const input = this.exports.reserveInput(bytes.length);
    if (input === 0) return false;
    this.refresh();
    this.bytes.set(bytes, input);
    this.exports.decode(SIGNALS.indexOf(signal), bytes.length, maxEntries);
    this.refresh();
    return true;
  }

  /** Empties the columns for the next request. */
  finish(): void {
    this.exports.finish();
  }

  fault(): WasmFault {
    return {
      code: this.reported('faultCode'),
      at: this.reported('faultAt'),
      end: this.reported('faultEnd'),
      value: this.reported('faultValue'),
    };
  }

  get accepted(): number {
    return this.reported('accepted');
  }

  get rejected(): number {
    return this.reported('rejected');
  }

  get ignoredStringIndexes(): number {
    return this.reported('ignoredStringIndexes');
  }

  /** In the order in which each came for the first time. */
  rejections(): Map<RejectionReason, number> {
    const first = (this.reported('rejections') >>> 2) + 2;
    return new Map(
      REJECTION_REASONS.map((reason, index) => ({
        reason,
        count: this.word(first + 2 * index),
        before: this.word(first + 2 * index + 1),
      }))
        .filter(({ count }) => count > 0)
        .sort((a, b) => a.before - b.before)
        .map(({ reason, count }) => [reason, count]),
    );
  }

  get segmentCount(): number {
    return this.reported('segmentCount');
  }

  /** Rows `start .. end` have this resource. */
  segment(index: number): { readonly resource: number; readonly start: number; readonly end: number } {
    const word = (this.reported('segments') >>> 2) + SEGMENT_WORDS * index;
    return { resource: this.word(word), start: this.word(word + 1), end: this.word(word + 2) };
  }

  /** Adds the entries that the dictionary does not have yet. */
  copyEntries(dictionary: SharedDictionary): void {
    for (const [index, name] of DICTIONARY_NAMES.entries()) {
      const table = (this.tables + TABLE_BYTES * index) >>> 2;
      const count = this.word(table);
      if (count === dictionary.tables[name].count) continue;
      const offsets = new Int32Array(this.memory.buffer, this.word(table + 3), count + 1);
      dictionary.tables[name].follow(count, offsets, this.view(this.word(table + 2), this.word(table + 1)));
    }
  }

  rowCount(group: ColumnGroup): number {
    return this.word((this.groups + GROUP_BYTES * group.index) >>> 2);
  }

  /** Where a column begins. */
  address(group: ColumnGroup, column: number): number {
    return this.word((this.groups + GROUP_BYTES * group.index + GROUP_COLUMNS + COLUMN_BYTES * column) >>> 2);
  }

  view(address: number, sizeBytes: number): Uint8Array {
    return this.bytes.subarray(address, address + sizeBytes);
  }

  /** `address` is a multiple of 4. */
  wordsAt(address: number, count: number): Uint32Array {
    return this.words.subarray(address >>> 2, (address >>> 2) + count);
  }

  isZero(address: number, sizeBytes: number): boolean {
    return this.exports.isZero(address, sizeBytes) !== 0;
  }

  private refresh(): void {
    if (this.bytes.buffer === this.memory.buffer) return;
    this.bytes = new Uint8Array(this.memory.buffer);
    this.words = new Uint32Array(this.memory.buffer);
  }

  private reported(name: keyof typeof Report): number {
    return this.word(this.report + Report[name]);
  }

  private word(index: number): number {
    return this.words[index] ?? 0;
  }

  private describe(group: ColumnGroup): void {
    const start = (this.groups + GROUP_BYTES * group.index) >>> 2;
    this.words[start + 2] = group.columns.length;
    for (const [index, column] of group.columns.entries()) {
      const word = start + ((GROUP_COLUMNS + COLUMN_BYTES * index) >>> 2);
      this.words[word + 1] = column.kind === 'plain' ? column.rowBytes : 4;
      this.words[word + 2] = column.kind === 'plain' ? 0 : this.groups + GROUP_BYTES * column.items.index;
    }
  }
}
