import type { DictionarySnapshot } from '../../proto/columns/index.ts';
import { dictionaryReader, type DictionaryReader } from '../columns/index.ts';
import { anyValueText } from '../json/index.ts';

const UNKNOWN = 0;
const NO = 1;
const YES = 2;

/**
 * Which codes of a dictionary hold a text, in any case. Each entry is looked at once a matcher, however many rows
 * refer to it.
 */
export class CodeMatcher {
  private readonly dictionary: DictionaryReader;
  private readonly needle: string;
  private readonly strings: Uint8Array;
  private readonly attributes: Uint8Array;

  constructor(snapshot: DictionarySnapshot, needle: string) {
    this.dictionary = dictionaryReader(snapshot);
    this.needle = needle.toLowerCase();
    this.strings = new Uint8Array(snapshot.tables.strings.count);
    this.attributes = new Uint8Array(snapshot.tables.attributes.count);
  }

  holds(text: string): boolean {
    return text.toLowerCase().includes(this.needle);
  }

  string(code: number): boolean {
    if (this.strings[code] === UNKNOWN) {
      this.strings[code] = this.holds(this.dictionary.string(code)) ? YES : NO;
    }
    return this.strings[code] === YES;
  }

  /** By the value, not the key. */
  attribute(code: number): boolean {
    if (this.attributes[code] === UNKNOWN) {
      const text = anyValueText(this.dictionary.attribute(code).value);
      this.attributes[code] = this.holds(text) ? YES : NO;
    }
    return this.attributes[code] === YES;
  }

  anyAttribute(codes: Int32Array, start: number, end: number): boolean {
    for (let i = start; i < end; i += 1) if (this.attribute(codes[i] ?? 0)) return true;
    return false;
  }
}
