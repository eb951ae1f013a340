import { MAX_DEPTH, type WireReader } from '../wire/index.ts';

/** Where a walk is, and what it met. */
export interface EntryWalk {
  readonly reader: WireReader;
  /** String table indices, which mean nothing outside profiles (`string-index-ignored`). */
  ignoredStringIndexes: number;
}

/**
 * Walks over messages that are stored as they came, so that whoever reads the entry later finds it well-formed.
 * Each starts at `reader.pos`, ends with `reader.pos === end`, and throws `MalformedWire`. `depth` counts messages
 * inside each other from the stored one, which is 1: an entry is valid wherever it stands.
 */
export function validateKeyValue(walk: EntryWalk, end: number, depth: number): void {
  const reader = walk.reader;
  checkDepth(reader, end, depth);
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 18) {
      validateAnyValue(walk, reader.delimit(end), depth + 1);
    } else {
      if (tag === KEY_STRINDEX) walk.ignoredStringIndexes++;
      reader.skip(tag, end);
    }
  }
}

const KEY_STRINDEX = 24;
const STRING_VALUE_STRINDEX = 64;

function validateAnyValue(walk: EntryWalk, end: number, depth: number): void {
  const reader = walk.reader;
  checkDepth(reader, end, depth);
  while (reader.pos < end) validateAnyValueField(walk, reader.tag(end), end, depth);
}

/** The field of an `AnyValue` at `depth` whose tag was just read. */
export function validateAnyValueField(walk: EntryWalk, tag: number, end: number, depth: number): void {
  const reader = walk.reader;
  if (tag === 42) {
    validateValues(walk, reader.delimit(end), depth + 1, validateAnyValue);
  } else if (tag === 50) {
    validateValues(walk, reader.delimit(end), depth + 1, validateKeyValue);
  } else {
    if (tag === STRING_VALUE_STRINDEX) walk.ignoredStringIndexes++;
    reader.skip(tag, end);
  }
}

/** An `ArrayValue` or a `KeyValueList`. */
function validateValues(
  walk: EntryWalk,
  end: number,
  depth: number,
  validateValue: (walk: EntryWalk, end: number, depth: number) => void,
): void {
  const reader = walk.reader;
  checkDepth(reader, end, depth);
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) validateValue(walk, reader.delimit(end), depth + 1);
    else reader.skip(tag, end);
  }
}

/** A `Resource`. */
export function validateResource(walk: EntryWalk, end: number): void {
  const reader = walk.reader;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) validateKeyValue(walk, reader.delimit(end), 2);
    else if (tag === 26) validateFlat(reader, reader.delimit(end));
    else reader.skip(tag, end);
  }
}

/** An `InstrumentationScope`. */
export function validateScope(walk: EntryWalk, end: number): void {
  const reader = walk.reader;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 26) validateKeyValue(walk, reader.delimit(end), 2);
    else reader.skip(tag, end);
  }
}

/** A message without messages in it. */
function validateFlat(reader: WireReader, end: number): void {
  while (reader.pos < end) reader.skip(reader.tag(end), end);
}

function checkDepth(reader: WireReader, end: number, depth: number): void {
  if (depth > MAX_DEPTH) reader.fail('too-deep', reader.pos, end);
}
