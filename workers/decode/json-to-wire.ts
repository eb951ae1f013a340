import type { Signal, UndecodableRequest } from '../../proto/columns/index.ts';
import { ByteBuffer, Wire } from '../wire/index.ts';
import { Char, JsonReader, UnreadableJson } from './json-reader.ts';
import { SCALAR_WRITERS } from './json-scalars.ts';
import { REQUEST_TYPES, type FieldType, type MessageType, type ScalarKind } from './otlp-fields.ts';

/**
 * An OTLP/JSON request as the protobuf bytes of the same request, for `decode`. Names are lowerCamelCase, enums
 * integers, ids hex, bytes base64, 64-bit integers strings, numbers or `{low, high}`; null means absent, and what
 * OTLP does not name is ignored. Fields come out in the order they came in, so a name that stands twice in an
 * object means what a field sent twice means: the last counts, lists join.
 */
export function jsonToWire(signal: Signal, json: Uint8Array): Uint8Array | UndecodableRequest {
  const reader = new JsonReader(json);
  const out = new ByteBuffer();
  out.reserve(json.length);
  try {
    writeMessage(reader, out, REQUEST_TYPES[signal]);
    reader.expectEnd();
  } catch (error) {
    if (!(error instanceof UnreadableJson)) throw error;
    return {
      undecodable: true,
      reason: `The ${REQUEST_TYPES[signal].name} cannot be read. ${error.message}`,
    };
  }
  return out.written();
}

function writeMessage(reader: JsonReader, out: ByteBuffer, type: MessageType): void {
  let likely = 0;
  for (let more = reader.open(Char.openObject, 'an object'); more; more = reader.continues(Char.openObject)) {
    reader.memberName();
    const index = findField(type, reader, likely);
    const field = type.fields[index];
    if (!field) {
      reader.skipValue();
      continue;
    }
    likely = index + 1;
    if (reader.takeWord('null')) continue;
    reader.enter(field.name);
    if (!field.isRepeated) writeField(reader, out, field);
    else if (isPacked(field.kind)) writePacked(reader, out, field);
    else writeList(reader, out, field);
    reader.leave();
  }
}

/** The index of the field that `reader.text` names, or -1. Senders keep the order of the fields, mostly. */
function findField(type: MessageType, reader: JsonReader, likely: number): number {
  const count = type.fields.length;
  for (let tried = 0; tried < count; tried++) {
    const index = (likely + tried) % count;
    const name = type.fields[index]?.nameBytes;
    if (name && isNamed(reader, name)) return index;
  }
  return -1;
}

function isNamed(reader: JsonReader, name: Uint8Array): boolean {
  const { source, start, end } = reader.text;
  if (end - start !== name.length) return false;
  for (let at = 0; at < name.length; at++) {
    if (source[start + at] !== name[at]) return false;
  }
  return true;
}

function writeField(reader: JsonReader, out: ByteBuffer, field: FieldType): void {
  writeTag(out, field.number, wireTypeOf(field.kind));
  writeValue(reader, out, field);
}

function writeValue(reader: JsonReader, out: ByteBuffer, field: FieldType): void {
  if (field.kind !== 'message') {
    SCALAR_WRITERS[field.kind](reader, out);
    return;
  }
  const start = out.beginDelimited();
  // A null in a list of messages keeps its place, as an empty message.
  if (field.message && !reader.takeWord('null')) writeMessage(reader, out, field.message);
  out.endDelimited(start);
}

function writeList(reader: JsonReader, out: ByteBuffer, field: FieldType): void {
  let index = 0;
  for (let more = reader.open(Char.openList, 'a list'); more; more = reader.continues(Char.openList)) {
    reader.enter(index++);
    writeField(reader, out, field);
    reader.leave();
  }
}

function writePacked(reader: JsonReader, out: ByteBuffer, field: FieldType): void {
  writeTag(out, field.number, Wire.bytes);
  const start = out.beginDelimited();
  let index = 0;
  for (let more = reader.open(Char.openList, 'a list'); more; more = reader.continues(Char.openList)) {
    reader.enter(index++);
    writeValue(reader, out, field);
    reader.leave();
  }
  out.endDelimited(start);
}

function writeTag(out: ByteBuffer, number: number, wireType: number): void {
  out.varint32((number << 3) | wireType);
}

function isPacked(kind: FieldType['kind']): boolean {
  return wireTypeOf(kind) !== Wire.bytes;
}

const WIRE_TYPES: { readonly [Kind in ScalarKind]: number } = {
  string: Wire.bytes,
  bytes: Wire.bytes,
  traceId: Wire.bytes,
  spanId: Wire.bytes,
  bool: Wire.varint,
  enum: Wire.varint,
  int32: Wire.varint,
  sint32: Wire.varint,
  uint32: Wire.varint,
  int64: Wire.varint,
  uint64: Wire.varint,
  double: Wire.fixed64,
  fixed64: Wire.fixed64,
  sfixed64: Wire.fixed64,
  fixed32: Wire.fixed32,
};

function wireTypeOf(kind: FieldType['kind']): number {
  return kind === 'message' ? Wire.bytes : WIRE_TYPES[kind];
}
