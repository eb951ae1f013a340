// Hot: once a request and a new entry. Bench: bench/decode, bench/memory.
import type { DictionaryTable } from '../../proto/columns/index.ts';

const FIRST_ENTRIES = 256;
const FIRST_BYTES = 16 * 1024;
/** Smaller buffers are doubled by copy: most tables stay small, and reserved address space is a mapping each. */
const IN_PLACE_BYTES = 64 * 1024;
/** Address space that a larger buffer reserves. It is no memory until it is grown into. */
const RESERVED_BYTES = 64 * 1024 * 1024;
const STEP_BYTES = 64 * 1024;

/**
 * Entries by code in shared memory, append-only: a snapshot stays a valid prefix for ever. Buffers grow in place, so
 * that snapshots of one table do not each keep a copy of its beginning alive, and no half of a buffer stands empty.
 */
export class SharedTable {
  count = 0;
  sizeBytes = 0;
  offsets = new Int32Array(new SharedArrayBuffer(4 * (FIRST_ENTRIES + 1)));
  bytes = new Uint8Array(new SharedArrayBuffer(FIRST_BYTES));
  /** Over `bytes`. */
  view = new DataView(this.bytes.buffer);
  private latest: DictionaryTable | undefined;

  append(source: Uint8Array, start: number, end: number): number {
    const code = this.count;
    const at = this.sizeBytes;
    this.reserve(code + 1, at + end - start);
    if (end - start < 64) {
      for (let from = start, to = at; from < end; from++, to++) this.bytes[to] = source[from] ?? 0;
    } else {
      this.bytes.set(source.subarray(start, end), at);
    }
    this.count = code + 1;
    this.sizeBytes = at + end - start;
    this.offsets[code + 1] = this.sizeBytes;
    return code;
  }

  /** Takes over what `offsets` and `bytes` hold beyond the entries that are here already. */
  follow(count: number, offsets: Int32Array, bytes: Uint8Array): void {
    if (count === this.count) return;
    const sizeBytes = offsets[count] ?? 0;
    this.reserve(count, sizeBytes);
    this.offsets.set(offsets.subarray(this.count + 1, count + 1), this.count + 1);
    this.bytes.set(bytes.subarray(this.sizeBytes, sizeBytes), this.sizeBytes);
    this.count = count;
    this.sizeBytes = sizeBytes;
  }

  /** The bytes of an entry; a view that stays valid. */
  entry(code: number): Uint8Array {
    return this.bytes.subarray(this.offsets[code], this.offsets[code + 1]);
  }

  snapshot(): DictionaryTable {
    if (this.latest?.count === this.count) return this.latest;
    this.latest = {
      count: this.count,
      offsets: this.offsets.subarray(0, this.count + 1),
      bytes: this.bytes.subarray(0, this.sizeBytes),
    };
    return this.latest;
  }

  private reserve(count: number, sizeBytes: number): void {
    if (count >= this.offsets.length) {
      const buffer = enlarge(this.offsets.buffer, 4 * (count + 1));
      this.offsets = new Int32Array(buffer, 0, buffer.byteLength / 4);
    }
    if (sizeBytes > this.bytes.length) {
      const buffer = enlarge(this.bytes.buffer, sizeBytes);
      // With lengths of their own: views that follow a growing buffer are slow, and no prefix.
      this.bytes = new Uint8Array(buffer, 0, buffer.byteLength);
      this.view = new DataView(buffer, 0, buffer.byteLength);
    }
  }
}

/** The same buffer, grown, or a larger one with the same content. */
function enlarge(buffer: SharedArrayBuffer, neededBytes: number): SharedArrayBuffer {
  if (buffer.growable && neededBytes <= buffer.maxByteLength) {
    buffer.grow(Math.min(stepped(neededBytes), buffer.maxByteLength));
    return buffer;
  }
  const larger = allocate(Math.max(neededBytes, buffer.growable ? 0 : 2 * buffer.byteLength));
  new Uint8Array(larger).set(new Uint8Array(buffer));
  return larger;
}

function allocate(sizeBytes: number): SharedArrayBuffer {
  if (sizeBytes < IN_PLACE_BYTES) return new SharedArrayBuffer(sizeBytes);
  const maxByteLength = Math.max(RESERVED_BYTES, 2 * stepped(sizeBytes));
  return new SharedArrayBuffer(stepped(sizeBytes), { maxByteLength });
}

function stepped(sizeBytes: number): number {
  return Math.ceil(sizeBytes / STEP_BYTES) * STEP_BYTES;
}
