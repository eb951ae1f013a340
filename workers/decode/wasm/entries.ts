import { Cursor, skip } from './cursor';
import { TOO_DEEP, fault } from './faults';

/**
 * Walks over messages that are stored as they came, so that whoever reads the entry later finds it well-formed.
 * Each starts at the cursor and ends with it at `end`, or with a fault. `depth` counts messages inside each other from
 * the stored one, which is 1: an entry is valid wherever it stands.
 */
const MAX_DEPTH: u32 = 100;

/** String table indices met, which mean nothing outside profiles. */
export class Ignored {
  static stringIndexes: u32 = 0;
}

export function validateKeyValue(end: usize, depth: u32): void {
  if (isTooDeep(depth, end)) return;
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    if (tag == 18) validateAnyValue(Cursor.delimit(end), depth + 1);
    else {
      if (tag == 24) Ignored.stringIndexes++;
      skip(tag, end);
    }
  }
}

function validateAnyValue(end: usize, depth: u32): void {
  if (isTooDeep(depth, end)) return;
  while (Cursor.pos < end) validateAnyValueField(Cursor.tag(end), end, depth);
}

/** The field of an `AnyValue` at `depth` whose tag was just read. */
export function validateAnyValueField(tag: u32, end: usize, depth: u32): void {
  if (tag == 42) validateArray(Cursor.delimit(end), depth + 1);
  else if (tag == 50) validateKvlist(Cursor.delimit(end), depth + 1);
  else {
    if (tag == 64) Ignored.stringIndexes++;
    skip(tag, end);
  }
}

function validateArray(end: usize, depth: u32): void {
  if (isTooDeep(depth, end)) return;
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    if (tag == 10) validateAnyValue(Cursor.delimit(end), depth + 1);
    else skip(tag, end);
  }
}

function validateKvlist(end: usize, depth: u32): void {
  if (isTooDeep(depth, end)) return;
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    if (tag == 10) validateKeyValue(Cursor.delimit(end), depth + 1);
    else skip(tag, end);
  }
}

export function validateResource(end: usize): void {
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    if (tag == 10) validateKeyValue(Cursor.delimit(end), 2);
    else if (tag == 26) validateFlat(Cursor.delimit(end));
    else skip(tag, end);
  }
}

export function validateScope(end: usize): void {
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    if (tag == 26) validateKeyValue(Cursor.delimit(end), 2);
    else skip(tag, end);
  }
}

/** A message without messages in it. */
function validateFlat(end: usize): void {
  while (Cursor.pos < end) skip(Cursor.tag(end), end);
}

function isTooDeep(depth: u32, end: usize): bool {
  if (depth <= MAX_DEPTH) return false;
  Cursor.pos = fault(TOO_DEEP, Cursor.pos, end, 0);
  return true;
}
