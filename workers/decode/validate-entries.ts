import { MAX_DEPTH, type WireReader } from '../wire/index.ts';

/**
 * Walks over messages that are stored as they came, so that whoever reads the entry later finds it well-formed.
 * Each starts at `reader.pos`, ends with `reader.pos === end`, and throws `MalformedWire`. `depth` counts messages
 * inside each other from the stored one, which is 1: an entry is valid wherever it stands.
 */
export function validateKeyValue(reader: WireReader, end: number, depth: number): void {
  checkDepth(reader, depth);
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 18) validateAnyValue(reader, reader.delimit(end), depth + 1);
    else reader.skip(tag, end);
  }
}

export function validateAnyValue(reader: WireReader, end: number, depth: number): void {
  checkDepth(reader, depth);
  while (reader.pos < end) validateAnyValueField(reader, reader.tag(end), end, depth);
}

/** The field of an `AnyValue` at `depth` whose tag was just read. */
export function validateAnyValueField(reader: WireReader, tag: number, end: number, depth: number): void {
  if (tag === 42) validateValues(reader, reader.delimit(end), depth + 1, validateAnyValue);
  else if (tag === 50) validateValues(reader, reader.delimit(end), depth + 1, validateKeyValue);
  else reader.skip(tag, end);
}

/** An `ArrayValue` or a `KeyValueList`. */
function validateValues(
  reader: WireReader,
  end: number,
  depth: number,
  validateValue: (reader: WireReader, end: number, depth: number) => void,
): void {
  checkDepth(reader, depth);
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) validateValue(reader, reader.delimit(end), depth + 1);
    else reader.skip(tag, end);
  }
}

/** A `Resource`. */
export function validateResource(reader: WireReader, end: number): void {
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) validateKeyValue(reader, reader.delimit(end), 2);
    else if (tag === 26) validateFlat(reader, reader.delimit(end));
    else reader.skip(tag, end);
  }
}

/** An `InstrumentationScope`. */
export function validateScope(reader: WireReader, end: number): void {
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 26) validateKeyValue(reader, reader.delimit(end), 2);
    else reader.skip(tag, end);
  }
}

/** A message without messages in it. */
function validateFlat(reader: WireReader, end: number): void {
  while (reader.pos < end) reader.skip(reader.tag(end), end);
}

function checkDepth(reader: WireReader, depth: number): void {
  if (depth > MAX_DEPTH) {
    reader.fail(reader.pos, `messages stand more than ${MAX_DEPTH} deep inside each other`);
  }
}
