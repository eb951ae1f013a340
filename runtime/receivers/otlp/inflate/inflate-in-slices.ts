import { setImmediate } from 'node:timers/promises';
import type { Codec } from './codec.ts';
import { InflatedOutput, OutputFull } from './inflated-output.ts';
import type { InflateBounds, Inflated } from './inflated.ts';
import { MalformedBody } from './malformed-body.ts';

/** After so long something else may happen. */
const SLICE_MS = 8;

/** As `inflate`; one buffer holds what the body can become by its headers, `maxBytes` at most. */
export function inflateInSlices(
  body: Uint8Array,
  codec: Codec,
  bounds: InflateBounds,
): Inflated | Promise<Inflated> {
  let output: InflatedOutput;
  try {
    if (body.length === 0) throw new MalformedBody('it is empty');
    const { leastBytes, mostBytes } = codec.extentOf(body);
    if (leastBytes > bounds.maxBytes) return { type: 'too-large' };
    const capacity = Math.min(mostBytes, bounds.maxBytes);
    if (!bounds.reserve(capacity)) return { type: 'no-room' };
    output = new InflatedOutput(capacity);
    const decoding = codec.decode(body, output);
    if (!runSlice(decoding)) return runSlices(decoding, output, bounds);
  } catch (error) {
    return failureOf(error, bounds);
  }
  return { type: 'inflated', bytes: output.finish() };
}

async function runSlices(
  decoding: Generator<undefined>,
  output: InflatedOutput,
  bounds: InflateBounds,
): Promise<Inflated> {
  try {
    do {
      await setImmediate();
      if (!bounds.reserve(0)) return { type: 'no-room' };
    } while (!runSlice(decoding));
  } catch (error) {
    return failureOf(error, bounds);
  }
  return { type: 'inflated', bytes: output.finish() };
}

/** True when all is decoded. */
function runSlice(decoding: Generator<undefined>): boolean {
  const until = performance.now() + SLICE_MS;
  while (decoding.next().done !== true) if (performance.now() > until) return false;
  return true;
}

function failureOf(error: unknown, { maxBytes }: InflateBounds): Inflated {
  if (error instanceof OutputFull) {
    return error.capacityBytes === maxBytes
      ? { type: 'too-large' }
      : { type: 'malformed', reason: 'a frame has another length than it announces' };
  }
  if (error instanceof MalformedBody) return { type: 'malformed', reason: error.message };
  throw error;
}
