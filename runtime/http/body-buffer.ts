// Hot: every chunk of every OTLP/HTTP request. Bench: bench/ingest.
import type { Hold } from './byte-budget.ts';

const LEAST_CAPACITY_BYTES = 64 * 1024;

/** One request's body while it arrives: each byte is copied once, mostly into a buffer of the right size. */
export class BodyBuffer {
  private readonly announced: number;
  private readonly limit: number;
  private readonly hold: Hold;
  private buffer: Uint8Array = new Uint8Array(0);
  private size = 0;

  /** `announced`: the `content-length`, 0 when there was none. */
  constructor(announced: number, limit: number, hold: Hold) {
    this.announced = announced;
    this.limit = limit;
    this.hold = hold;
  }

  /** Copies `chunk`. After another answer than `kept` what came before is dropped. */
  append(chunk: Uint8Array): 'kept' | 'too-large' | 'no-room' {
    const end = this.size + chunk.length;
    if (end > this.limit || this.announced > this.limit) return this.fail('too-large');
    if (end > this.buffer.length && !this.grow(end)) return this.fail('no-room');
    this.buffer.set(chunk, this.size);
    this.size = end;
    return 'kept';
  }

  /** The body, which is the caller's from now on. */
  finish(): Uint8Array {
    return this.buffer.subarray(0, this.size);
  }

  drop(): void {
    this.buffer = new Uint8Array(0);
    this.size = 0;
  }

  /**
   * To the announced length only once a quarter of it is there, else by doubling: a header alone must not make us
   * reserve memory.
   */
  private grow(needed: number): boolean {
    const { announced, buffer } = this;
    const ample = Math.max(needed, 2 * buffer.length, LEAST_CAPACITY_BYTES);
    const capacity =
      announced >= needed ? Math.min(announced, Math.max(ample, 4 * needed)) : Math.min(this.limit, ample);
    if (!this.hold.take(capacity - buffer.length)) return false;
    const wider = Buffer.allocUnsafeSlow(capacity);
    wider.set(buffer.subarray(0, this.size));
    this.buffer = wider;
    return true;
  }

  private fail<Reason>(reason: Reason): Reason {
    this.drop();
    return reason;
  }
}
