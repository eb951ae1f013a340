/** What a request came to; read from outside, by `workers/decode/wasm-memory.ts`. */
export class Report {
  static accepted: u32 = 0;
  static rejected: u32 = 0;
}

// Codes: 1 + the place in `REJECTION_REASONS` of proto/columns; 0 is no reason.
export const ACCEPTABLE: u32 = 0;
export const TRACE_ID_INVALID: u32 = 1;
export const SPAN_ID_INVALID: u32 = 2;
export const PARENT_SPAN_ID_INVALID: u32 = 3;
export const NAME_MISSING: u32 = 4;
export const END_BEFORE_START: u32 = 5;
export const BUCKET_COUNTS_MISMATCH: u32 = 6;
export const VALUE_OUT_OF_RANGE: u32 = 7;

/** For each code: how many, and after how many rejections the first came. */
const REJECTIONS: usize = memory.data(8 * 8, 16);

export function rejectionsPlace(): usize {
  return REJECTIONS;
}

export function clearReport(): void {
  Report.accepted = 0;
  Report.rejected = 0;
  memory.fill(REJECTIONS, 0, 64);
}

export function reject(reason: u32): void {
  const place = REJECTIONS + ((<usize>reason) << 3);
  if (load<u32>(place) == 0) store<u32>(place, Report.rejected, 4);
  store<u32>(place, load<u32>(place) + 1);
  Report.rejected++;
}
