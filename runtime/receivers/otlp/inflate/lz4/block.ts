// Hot: every sequence of an LZ4 body. Bench: bench/otlp-conformance --inflate.
import { PAUSE_BYTES } from '../codec.ts';
import type { InflatedOutput } from '../inflated-output.ts';
import { MalformedBody } from '../malformed-body.ts';

/** A length of 15 goes on in the bytes that follow, as long as they are 255. */
const MORE_LENGTH = 15;
const LEAST_MATCH = 4;

/** Sequences of LZ4 (`lz4_Block_format.md`), of literals and a match each but the last. Throws `MalformedBody` and `OutputFull`. */
export function* decodeBlock(
  source: Uint8Array,
  start: number,
  end: number,
  output: InflatedOutput,
): Generator<undefined> {
  const sequences = new Sequences(source, start, end);
  while (!sequences.isDone) {
    sequences.decode(output, output.length + PAUSE_BYTES);
    yield;
  }
}

class Sequences {
  private readonly source: Uint8Array;
  private readonly end: number;
  private at: number;
  isDone = false;

  constructor(source: Uint8Array, start: number, end: number) {
    this.source = source;
    this.at = start;
    this.end = end;
  }

  /** Decodes until the output is `until` bytes long, or the block at its end. */
  decode(output: InflatedOutput, until: number): void {
    while (!this.isDone && output.length < until) {
      const token = this.byte();
      const literals = this.length(token >> 4);
      const start = this.at;
      this.skip(literals);
      output.append(this.source, start, this.at);
      if (this.at === this.end) {
        this.isDone = true;
      } else {
        const distance = this.byte() | (this.byte() << 8);
        output.repeat(distance, LEAST_MATCH + this.length(token & 15));
      }
    }
  }

  private length(first: number): number {
    let length = first;
    if (first === MORE_LENGTH) {
      let byte: number;
      do {
        byte = this.byte();
        length += byte;
      } while (byte === 255);
    }
    return length;
  }

  private byte(): number {
    this.skip(1);
    return this.source[this.at - 1] ?? 0;
  }

  private skip(bytes: number): void {
    this.at += bytes;
    if (this.at > this.end) throw new MalformedBody('a block is cut short');
  }
}
