import { PADDING } from './bytes';
import { Fault, fault, OUT_OF_MEMORY } from './faults';
import { allocate } from './region';

/** Bytes put together for a lookup. One text at a time; `PADDING` bytes behind it may be read. */
export class Scratch {
  static start: usize = 0;
  static size: usize = 0;
  static capacity: usize = 0;
}

/** After the region was reset. */
export function forgetScratch(): void {
  Scratch.start = 0;
  Scratch.capacity = 0;
}

export function beginScratch(): void {
  Scratch.size = 0;
}

/** Nothing after a fault, when `from` is no address. */
export function addBytes(from: usize, size: usize): void {
  if (Fault.code != 0) return;
  if (reserve(size)) memory.copy(Scratch.start + Scratch.size - size, from, size);
}

export function addVarint32(value: u32): void {
  let rest = value;
  while (rest > 0x7f) {
    addByte((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  addByte(rest);
}

function addByte(value: u32): void {
  if (reserve(1)) store<u8>(Scratch.start + Scratch.size - 1, value);
}

/** Makes the text longer by `size`; what stands there is to be written. */
function reserve(size: usize): bool {
  const needed = Scratch.size + size;
  if (needed + PADDING > Scratch.capacity) {
    const capacity = max<usize>(Scratch.capacity << 1, max<usize>(needed + PADDING, 4096));
    const start = allocate(capacity);
    if (start == 0) {
      fault(OUT_OF_MEMORY, 0, 0, 0);
      return false;
    }
    memory.copy(start, Scratch.start, Scratch.size);
    Scratch.start = start;
    Scratch.capacity = capacity;
  }
  Scratch.size = needed;
  return true;
}
