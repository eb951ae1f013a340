/**
 * Malformed bytes are no exception here: the first fault of a request is noted, the cursor goes to `FAR`, beyond
 * the end of every message, so that all loops end, and whoever would change something asks `Fault.code` before.
 */
export class Fault {
  /** 0: none so far. */
  static code: u32 = 0;
  /** Address of the byte. */
  static at: usize = 0;
  /** Where the message ends, or the tag, as the sentence needs it. */
  static end: usize = 0;
  /** The length that was sent. */
  static size: u32 = 0;
}

/** Beyond every message; a size may be added to it without passing 2^32. */
export const FAR: usize = 0x7fffffff;

// In the order of `FAULT_NAMES` in workers/decode/wasm-memory.ts.
export const LENGTH_BEYOND_END: u32 = 1;
export const NUMBER_BEYOND_END: u32 = 2;
export const NUMBER_TOO_LONG: u32 = 3;
export const FIXED64_BEYOND_END: u32 = 4;
export const FIXED32_BEYOND_END: u32 = 5;
export const FIELD_ZERO: u32 = 6;
export const WIRE_TYPE_UNKNOWN: u32 = 7;
export const TAG_CUT: u32 = 8;
export const TAG_TOO_LARGE: u32 = 9;
export const LENGTH_CUT: u32 = 10;
export const LENGTH_TOO_LARGE: u32 = 11;
export const TOO_DEEP: u32 = 12;
export const TOO_MANY_ENTRIES: u32 = 13;
/** Not the request's fault: it does not fit into this memory. */
export const OUT_OF_MEMORY: u32 = 14;

export function clearFault(): void {
  Fault.code = 0;
  Fault.at = 0;
  Fault.end = 0;
  Fault.size = 0;
}

/** Returns `FAR`, where the cursor belongs now. */
export function fault(code: u32, at: usize, end: usize, size: u32): usize {
  if (Fault.code == 0) {
    Fault.code = code;
    Fault.at = at;
    Fault.end = end;
    Fault.size = size;
  }
  return FAR;
}
