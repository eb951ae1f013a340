// Hot: every chunk of every OTLP/HTTP request. Bench: bench/ingest.

const LEAST_SEGMENT_BYTES = 64 * 1024;

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

  /** All bytes, which are the caller's from now on. */
  finish(): Uint8Array {
    const last = this.segment.subarray(0, this.used);
    return this.segments.length === 0 ? last : Buffer.concat([...this.segments, last], this.size);
  }

  drop(): void {
    this.segments = [];
    this.segment = new Uint8Array(0);
    this.used = 0;
    this.size = 0;
  }

  private write(bytes: Uint8Array): void {
    this.segment.set(bytes, this.used);
    this.used += bytes.length;
    this.size += bytes.length;
  }

  /**
   * As long as all before, or up to the announced length once a quarter of it is there: a header alone must not make
   * us reserve memory.
   */
  private beginSegment(neededBytes: number): boolean {
    const { expectedBytes, maxBytes, reserve } = this.bounds;
    const left = (expectedBytes >= this.size + neededBytes ? expectedBytes : maxBytes) - this.size;
    const ample = Math.max(this.size, LEAST_SEGMENT_BYTES, expectedBytes > 0 ? 4 * neededBytes : 0);
    const length = Math.min(left, Math.max(neededBytes, ample));
    if (!reserve(length)) return false;
    if (this.used > 0) this.segments.push(this.segment);
    this.segment = Buffer.allocUnsafeSlow(length);
    this.used = 0;
    return true;
  }

  private fail<Reason>(reason: Reason): Reason {
    this.drop();
    return reason;
  }
}
