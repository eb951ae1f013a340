/**
 * The OTLP decoder in WebAssembly: no garbage collection, no exceptions, no imports but its memory. The way of a
 * request, from outside: `reserveInput`, copy the bytes there, `decode`, read the report, the new dictionary entries
 * and the columns out of memory, `finish`. Bench: bench/decode.
 */
import { HASH_KEYS, PADDING } from './bytes';
import { clearGroups, forgetGroups, SPANS } from './columns';
import { Cursor } from './cursor';
import { startDictionary, tablesPlace } from './dictionary';
import { Ignored } from './entries';
import { clearFault, Fault } from './faults';
import { allocate, resetRegion } from './region';
import { clearReport, rejectionsPlace, Report } from './report';
import { readRequest } from './request';
import { forgetScratch } from './scratch';
import { clearSegments, forgetSegments, Segments } from './segments';
import { Added } from './table';

export { isZero } from './bytes';

class Input {
  static start: usize = 0;
  static capacity: usize = 0;
}

const REPORT: usize = memory.data(64, 16);

export function hashKeys(): usize {
  return HASH_KEYS;
}

export function groups(): usize {
  return SPANS;
}

export function tables(): usize {
  return tablesPlace();
}

/** Fault code, position, end, size; accepted, rejected, ignored string indices; address of the rejections; address and number of the segments. */
export function report(): usize {
  return REPORT;
}

/** Forgets everything and begins with empty dictionaries. False: there is no memory even for this. */
export function startGeneration(): bool {
  clearFault();
  resetRegion();
  forgetGroups();
  forgetScratch();
  forgetSegments();
  Input.capacity = 0;
  return startDictionary();
}

/** Where the bytes of a request go; 0 when they do not fit. */
export function reserveInput(size: usize): usize {
  const needed = size + PADDING;
  if (needed > Input.capacity) {
    const capacity = max(needed, Input.capacity + (Input.capacity >>> 1));
    const start = allocate(capacity);
    if (start == 0) return 0;
    Input.start = start;
    Input.capacity = capacity;
  }
  memory.fill(Input.start + size, 0, PADDING);
  return Input.start;
}

/** `signal` is the place in `SIGNALS` of proto/columns; `maxEntries`, how many the request may add to dictionaries. */
export function decode(signal: u32, size: usize, maxEntries: u32): void {
  const start = Input.start;
  clearFault();
  clearReport();
  clearSegments();
  Added.count = 0;
  Added.limit = maxEntries;
  Ignored.stringIndexes = 0;
  Cursor.pos = start;
  readRequest(signal, start + size);
  store<u32>(REPORT, Fault.code);
  store<u32>(REPORT, Fault.at - start, 4);
  store<u32>(REPORT, Fault.end - start, 8);
  store<u32>(REPORT, Fault.size, 12);
  store<u32>(REPORT, Report.accepted, 16);
  store<u32>(REPORT, Report.rejected, 20);
  store<u32>(REPORT, Ignored.stringIndexes, 24);
  store<u32>(REPORT, rejectionsPlace(), 28);
  store<u32>(REPORT, Segments.start, 32);
  store<u32>(REPORT, Segments.count, 36);
}

/** Empties the columns. Dictionaries stay. */
export function finish(): void {
  clearGroups();
}
