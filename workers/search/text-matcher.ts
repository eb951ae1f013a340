// Hot: once a distinct value, and once a log body. Bench: bench/hot-query.
import type { TextPattern } from '../../proto/query/index.ts';

/** Any one character. */
const ONE = -1;
/** ASCII letters in lower case, all other bytes as they are. */
const FOLD = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte));
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const encoder = new TextEncoder();

export interface MatchOptions {
  /** ASCII letters match in either case. */
  readonly isFolded?: boolean;
  /** A part of the text is enough. */
  readonly isAnywhere?: boolean;
}

/** Whether UTF-8 text matches a pattern. Nothing is decoded. */
export class TextMatcher {
  private readonly fold: Uint8Array;
  /** Between the places where any text may stand: bytes, or `ONE`. */
  private readonly segments: readonly Int16Array[];
  private readonly hasOpenStart: boolean;
  private readonly hasOpenEnd: boolean;

  constructor(pattern: TextPattern, { isFolded = false, isAnywhere = false }: MatchOptions = {}) {
    this.fold = isFolded ? FOLD : PLAIN;
    const segments: number[][] = [[]];
    for (const part of pattern) {
      if (part.type === 'literal') {
        for (const byte of encoder.encode(part.text)) segments.at(-1)?.push(this.fold[byte] ?? 0);
      } else if (part.type === 'one') segments.at(-1)?.push(ONE);
      else segments.push([]);
    }
    this.hasOpenStart = isAnywhere || pattern[0]?.type === 'any';
    this.hasOpenEnd = isAnywhere || pattern.at(-1)?.type === 'any';
    this.segments = segments
      .filter((segment) => segment.length > 0)
      .map((segment) => Int16Array.from(segment));
  }

  matches(bytes: Uint8Array, start: number, end: number): boolean {
    const { segments, hasOpenStart, hasOpenEnd } = this;
    const count = segments.length;
    if (count === 0) return hasOpenStart || hasOpenEnd || start === end;
    let at = start;
    for (const [index, segment] of segments.entries()) {
      const mustStart = index === 0 && !hasOpenStart;
      const mustEnd = index === count - 1 && !hasOpenEnd;
      if (mustStart) {
        at = this.endOf(segment, bytes, at, end);
        if (at < 0 || (mustEnd && at !== end)) return false;
      } else {
        at = mustEnd ? this.findLast(segment, bytes, at, end) : this.find(segment, bytes, at, end);
        if (at < 0) return false;
      }
    }
    return true;
  }

  /** Behind the first place where the segment stands; -1 where it does not. */
  private find(segment: Int16Array, bytes: Uint8Array, from: number, end: number): number {
    const { fold } = this;
    const first = segment[0] ?? 0;
    const last = end - segment.length;
    for (let at = from; at <= last; at += 1) {
      const byte = bytes[at] ?? 0;
      if (first === ONE ? (byte & 0xc0) === 0x80 : fold[byte] !== first) continue;
      const found = this.endOf(segment, bytes, at, end);
      if (found >= 0) return found;
    }
    return -1;
  }

  /** `end`, if the segment can stand right before it. */
  private findLast(segment: Int16Array, bytes: Uint8Array, from: number, end: number): number {
    for (let at = end - segment.length; at >= from; at -= 1) {
      if (segment[0] === ONE && ((bytes[at] ?? 0) & 0xc0) === 0x80) continue;
      const found = this.endOf(segment, bytes, at, end);
      if (found === end) return end;
      // It can only be longer than its bytes where a character is.
      if (found < 0 && !segment.includes(ONE)) return -1;
    }
    return -1;
  }

  private endOf(segment: Int16Array, bytes: Uint8Array, from: number, end: number): number {
    const { fold } = this;
    let at = from;
    for (let index = 0; index < segment.length; index += 1) {
      if (at >= end) return -1;
      const wanted = segment[index] ?? 0;
      if (wanted !== ONE) {
        if (fold[bytes[at] ?? 0] !== wanted) return -1;
        at += 1;
        continue;
      }
      at += 1;
      while (at < end && ((bytes[at] ?? 0) & 0xc0) === 0x80) at += 1;
    }
    return at;
  }
}
