import {
  FAR,
  FIELD_ZERO,
  FIXED32_BEYOND_END,
  FIXED64_BEYOND_END,
  LENGTH_BEYOND_END,
  LENGTH_CUT,
  LENGTH_TOO_LARGE,
  NUMBER_BEYOND_END,
  NUMBER_TOO_LONG,
  TAG_CUT,
  TAG_TOO_LARGE,
  WIRE_TYPE_UNKNOWN,
  fault,
} from './faults';

/**
 * Reads the request. Positions are addresses. Every read is given the end of the message it belongs to and looks at
 * no byte at or beyond it; after a fault the cursor is at `FAR` and reads give 0.
 */
export class Cursor {
  static pos: usize = 0;

  /** Field number and wire type in one number. Call while `pos < end`. */
  @inline static tag(end: usize): u32 {
    const at = Cursor.pos;
    const first: u32 = load<u8>(at);
    if (first < 0x80) {
      Cursor.pos = at + 1;
      return first;
    }
    return longTag(end);
  }

  /** Reads a length and returns where what it measures ends; the cursor is then at its first byte. */
  @inline static delimit(end: usize): usize {
    const start = Cursor.pos;
    if (start < end) {
      const size: usize = load<u8>(start);
      const stop = start + 1 + size;
      if (size < 0x80 && stop <= end) {
        Cursor.pos = start + 1;
        return stop;
      }
    }
    return longDelimit(end);
  }

  /** A varint of up to 64 bits, cut to its low 32. */
  @inline static varint32(end: usize): u32 {
    const at = Cursor.pos;
    if (at < end) {
      const first: u32 = load<u8>(at);
      if (first < 0x80) {
        Cursor.pos = at + 1;
        return first;
      }
    }
    return u32(readVarint64(end));
  }

  /** Doubles too, as their bits. */
  @inline static fixed64(end: usize): u64 {
    const at = Cursor.pos;
    if (at + 8 <= end) {
      Cursor.pos = at + 8;
      return load<u64>(at);
    }
    Cursor.pos = fault(FIXED64_BEYOND_END, at, end, 0);
    return 0;
  }
}

function longTag(end: usize): u32 {
  const at = Cursor.pos;
  if (at + 1 < end) {
    const second: u32 = load<u8>(at, 1);
    if (second < 0x80) {
      Cursor.pos = at + 2;
      return (load<u8>(at) & 0x7f) | (second << 7);
    }
  }
  return longVarint32(end, 0x0f, TAG_CUT, TAG_TOO_LARGE);
}

function longDelimit(end: usize): usize {
  const start = Cursor.pos;
  const size = longVarint32(end, 0x07, LENGTH_CUT, LENGTH_TOO_LARGE);
  // Below 2^32: a position is below 2^30 or FAR, where nothing is added.
  const stop = Cursor.pos + size;
  if (stop <= end) return stop;
  return (Cursor.pos = fault(LENGTH_BEYOND_END, start, end, size));
}

export function readZigzag32(end: usize): u32 {
  const value = Cursor.varint32(end);
  return (value >>> 1) ^ (0 - (value & 1));
}

export function readVarint64(end: usize): u64 {
  const start = Cursor.pos;
  let at = start;
  let value: u64 = 0;
  for (let shift: u64 = 0; shift < 70; shift += 7) {
    if (at >= end) {
      Cursor.pos = fault(NUMBER_BEYOND_END, start, end, 0);
      return 0;
    }
    const byte: u64 = load<u8>(at++);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      Cursor.pos = at;
      return value;
    }
  }
  Cursor.pos = fault(NUMBER_TOO_LONG, start, end, 0);
  return 0;
}

export function readFixed32(end: usize): u32 {
  const at = Cursor.pos;
  if (at + 4 > end) {
    Cursor.pos = fault(FIXED32_BEYOND_END, at, end, 0);
    return 0;
  }
  Cursor.pos = at + 4;
  return load<u32>(at);
}

/** Passes over the value of a field nobody here knows. */
export function skip(tag: u32, end: usize): void {
  if (Cursor.pos == FAR) return;
  if (tag >>> 3 == 0) {
    Cursor.pos = fault(FIELD_ZERO, Cursor.pos, end, 0);
    return;
  }
  const wireType = tag & 7;
  if (wireType == 2) Cursor.pos = Cursor.delimit(end);
  else if (wireType == 0) readVarint64(end);
  else if (wireType == 1) Cursor.fixed64(end);
  else if (wireType == 5) readFixed32(end);
  else Cursor.pos = fault(WIRE_TYPE_UNKNOWN, Cursor.pos, end, tag);
}

/** A varint of at most 5 bytes whose last holds no bits but those of `lastMask`. */
function longVarint32(end: usize, lastMask: u32, cut: u32, tooLarge: u32): u32 {
  const start = Cursor.pos;
  let at = start;
  let value: u32 = 0;
  for (let index: u32 = 0; index < 5; index++) {
    if (at >= end) {
      Cursor.pos = fault(cut, start, end, 0);
      return 0;
    }
    const byte: u32 = load<u8>(at++);
    value |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) {
      if (index == 4 && byte > lastMask) break;
      Cursor.pos = at;
      return value;
    }
  }
  Cursor.pos = fault(tooLarge, start, end, 0);
  return 0;
}
