import { fault, OUT_OF_MEMORY } from './faults';
import { allocate } from './region';

/** Rows in a row that have one resource: its code, the first row, and the row behind the last. */
const SEGMENT_BYTES: usize = 12;

/** Read from outside, by `workers/decode/wasm-memory.ts`. */
export class Segments {
  static start: usize = 0;
  static count: u32 = 0;
  static capacity: u32 = 0;
}

/** After the region was reset. */
export function forgetSegments(): void {
  Segments.start = 0;
  Segments.count = 0;
  Segments.capacity = 0;
}

export function clearSegments(): void {
  Segments.count = 0;
}

export function openSegment(resource: u32, row: u32): void {
  const count = Segments.count;
  const last = Segments.start + <usize>(count - 1) * SEGMENT_BYTES;
  if (count > 0 && load<u32>(last) == resource) return;
  if (count == Segments.capacity && !grow()) return;
  const segment = Segments.start + <usize>count * SEGMENT_BYTES;
  store<u32>(segment, resource);
  store<u32>(segment, row, 4);
  store<u32>(segment, row, 8);
  Segments.count = count + 1;
}

export function closeSegment(row: u32): void {
  if (Segments.count == 0) return;
  store<u32>(Segments.start + <usize>(Segments.count - 1) * SEGMENT_BYTES, row, 8);
}

function grow(): bool {
  const capacity = max<u32>(64, 2 * Segments.capacity);
  const start = allocate(<usize>capacity * SEGMENT_BYTES);
  if (start == 0) {
    fault(OUT_OF_MEMORY, 0, 0, 0);
    return false;
  }
  memory.copy(start, Segments.start, <usize>Segments.count * SEGMENT_BYTES);
  Segments.start = start;
  Segments.capacity = capacity;
  return true;
}
