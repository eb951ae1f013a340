// Hot: every chunk of every OTLP/HTTP request. Bench: bench/ingest.
import { bodyBuffers } from './buffer-pool.ts';

const LEAST_SEGMENT_BYTES = 64 * 1024;
const BELIEVED_BYTES = 1024 * 1024;

export interface CollectorBounds {
  /** What is announced, not to be trusted; 0 when nothing is. */
  readonly expectedBytes: number;
  readonly maxBytes: number;
  /** Asked before memory is taken; false: there is none. */
  readonly reserve: (bytes: number) => boolean;
}

/**
 * Bytes that arrive in chunks, copied once when the announced length is true and soon believed, else twice. Until
 * `finish` it takes no more than `maxBytes`.
 */
export class ByteCollector {
  private readonly bounds: CollectorBounds;
  private segments: Uint8Array[] = [];
  private segment: Uint8Array = new Uint8Array(0);
  private used = 0;
  private size = 0;

  constructor(bounds: CollectorBounds) {
    this.bounds = bounds;
  }

  /** Copies `chunk`. After another answer than `kept` all that came before is dropped. */
  append(chunk: Uint8Array): 'kept' | 'too-large' | 'no-room' {
    if (this.size + chunk.length > this.bounds.maxBytes) return this.fail('too-large');
    const room = this.segment.length - this.used;
    if (chunk.length <= room) {
      this.write(chunk);
      return 'kept';
    }
    if (room > 0) this.write(chunk.subarray(0, room));
    const rest = room > 0 ? chunk.subarray(room) : chunk;
    if (!this.beginSegment(rest.length)) return this.fail('no-room');
    this.write(rest);
    return 'kept';
  }

  /** All bytes, until they are dropped. */
  finish(): Uint8Array {
    if (this.segments.length > 0) this.join();
    return this.segment.subarray(0, this.used);
  }

  /** Gives the memory back: what `finish` answered must not be read any more. */
  drop(): void {
    for (const segment of this.segments) bodyBuffers.give(segment);
    bodyBuffers.give(this.segment);
    this.segments = [];
    this.segment = new Uint8Array(0);
    this.used = 0;
    this.size = 0;
  }

  private join(): void {
    const joined = bodyBuffers.take(this.size);
    let at = 0;
    for (const segment of this.segments) {
      joined.set(segment, at);
      at += segment.length;
    }
    joined.set(this.segment.subarray(0, this.used), at);
    const { size } = this;
    this.drop();
    this.segment = joined;
    this.used = size;
    this.size = size;
  }

  private write(bytes: Uint8Array): void {
    this.segment.set(bytes, this.used);
    this.used += bytes.length;
    this.size += bytes.length;
  }

  /**
   * As long as is announced, where that is little; else as long as all before, or up to the announced length once a
   * quarter of it is there: a header alone must not make us reserve much.
   */
  private beginSegment(neededBytes: number): boolean {
    const { expectedBytes, maxBytes, reserve } = this.bounds;
    const left = (expectedBytes >= this.size + neededBytes ? expectedBytes : maxBytes) - this.size;
    const ample = Math.max(
      this.size,
      LEAST_SEGMENT_BYTES,
      expectedBytes <= BELIEVED_BYTES ? expectedBytes : 4 * neededBytes,
    );
    const length = Math.min(left, Math.max(neededBytes, ample));
    if (!reserve(length)) return false;
    if (this.used > 0) this.segments.push(this.segment);
    this.segment = bodyBuffers.take(length);
    this.used = 0;
    return true;
  }

  private fail<Reason>(reason: Reason): Reason {
    this.drop();
    return reason;
  }
}
