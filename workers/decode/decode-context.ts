// Hot: once an attribute and a string. Bench: bench/decode.
import type { RejectionReason, WarningReason } from '../../proto/columns/index.ts';
import { DictionaryGeneration, type ListBuilder, type WordBuilder } from '../columns/index.ts';
import { WireReader } from '../wire/index.ts';
import { validateKeyValue } from './validate-entries.ts';

type AttributeLists = ListBuilder<WordBuilder>;

/** What the readers of all messages share: the cursor, the dictionary in use and what was counted in this request. */
export class DecodeContext {
  readonly reader = new WireReader();
  dictionary = new DictionaryGeneration();
  accepted = 0;
  rejected = 0;
  rejections = new Map<RejectionReason, number>();
  warnings = new Map<WarningReason, number>();

  beginRequest(bytes: Uint8Array): void {
    this.reader.reset(bytes);
    this.accepted = 0;
    this.rejected = 0;
    this.rejections = new Map();
    this.warnings = new Map();
  }

  reject(reason: RejectionReason): void {
    this.rejected++;
    this.rejections.set(reason, (this.rejections.get(reason) ?? 0) + 1);
  }

  warn(reason: WarningReason): void {
    this.warnings.set(reason, (this.warnings.get(reason) ?? 0) + 1);
  }

  /** Reads a string field and returns its code. */
  string(end: number): number {
    const reader = this.reader;
    const stop = reader.delimit(end);
    const start = reader.pos;
    reader.pos = stop;
    return start === stop ? 0 : this.dictionary.strings.intern(reader, start, stop);
  }

  /** Reads a `KeyValue` field as the next item of a row's list. Only bytes not seen before are looked into. */
  attribute(lists: AttributeLists, row: number, end: number): void {
    const reader = this.reader;
    const stop = reader.delimit(end);
    const start = reader.pos;
    const table = this.dictionary.attributes;
    let code = table.find(reader, start, stop);
    if (code < 0) {
      validateKeyValue(reader, stop, 1);
      code = table.append(reader, start, stop);
    }
    lists.items.set(lists.push(row), code);
    reader.pos = stop;
  }
}

/** Codes that all rows of one scope share. */
export interface RowOrigin {
  resource: number;
  scope: number;
}
