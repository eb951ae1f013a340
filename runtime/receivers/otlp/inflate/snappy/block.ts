// Hot: every element of a Snappy body. Bench: bench/otlp-conformance --inflate.
import { PAUSE_BYTES } from '../codec.ts';
import type { InflatedOutput } from '../inflated-output.ts';
import { littleEndian } from '../little-endian.ts';
import { MalformedBody } from '../malformed-body.ts';

/** No element gives more for its bytes than a copy of 64 that takes three. */
const MAX_RATIO = 64 / 3;
const LENGTH_BYTES = 5;

/** What a block of Snappy (`format_description.txt`) begins with: how long it is inflated. */
export function readBlockHeader(
  source: Uint8Array,
  start: number,
  end: number,
): { readonly bytes: number; readonly next: number } {
  let bytes = 0;
  let scale = 1;
  let next = start;
  for (let isLast = false; !isLast; next += 1, scale *= 128) {
    if (next >= end) throw new MalformedBody('it is cut short');
    const byte = source[next] ?? 0;
    bytes += (byte & 127) * scale;
    isLast = byte < 128;
    if (next - start >= LENGTH_BYTES || bytes > 0xffff_ffff) throw new MalformedBody('its length is none');
  }
  if (bytes > MAX_RATIO * (end - next)) throw new MalformedBody('it announces more than it can hold');
  return { bytes, next };
}

/** One block, from its length to `end`. Throws `MalformedBody` and `OutputFull`. */
export function* decodeBlock(
  source: Uint8Array,
  start: number,
  end: number,
  output: InflatedOutput,
): Generator<undefined> {
  const { bytes, next } = readBlockHeader(source, start, end);
  const endsAt = output.length + bytes;
  output.beginFrame();
  output.beginBlock(bytes);
  let at = next;
  while (at < end) {
    at = decodeElements(source, at, end, output, output.length + PAUSE_BYTES);
    yield;
  }
  if (output.length !== endsAt) throw new MalformedBody('it has another length than it announces');
}

/** Decodes until the output is `until` bytes long; answers where it stopped. */
function decodeElements(
  source: Uint8Array,
  start: number,
  end: number,
  output: InflatedOutput,
  until: number,
): number {
  let at = start;
  while (at < end && output.length < until) {
    const tag = source[at] ?? 0;
    at += 1;
    const operandBytes = operandBytesOf(tag);
    if (at + operandBytes > end) throw new MalformedBody('it is cut short');
    const operand = littleEndian(source, at, operandBytes);
    at += operandBytes;
    switch (tag & 3) {
      case 0: {
        const next = at + 1 + (operandBytes === 0 ? tag >> 2 : operand);
        if (next > end) throw new MalformedBody('it is cut short');
        output.append(source, at, next);
        at = next;
        break;
      }
      case 1:
        output.repeat(((tag >> 5) << 8) | operand, 4 + ((tag >> 2) & 7));
        break;
      default:
        output.repeat(operand, 1 + (tag >> 2));
    }
  }
  return at;
}

/** A literal's length from 61 on, or a copy's distance. */
function operandBytesOf(tag: number): number {
  const kind = tag & 3;
  if (kind === 0) return Math.max(0, (tag >> 2) - 59);
  return kind === 3 ? 4 : kind;
}
