import { MAX_DEPTH, type WireReader } from '../wire/index.ts';
import { decodeText } from './text.ts';

/** `AnyValue` of OTLP, no digit lost. `empty` is a value of which nothing is set. */
export type AnyValue =
  | { readonly kind: 'empty' }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'double'; readonly value: number }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'array'; readonly values: readonly AnyValue[] }
  | { readonly kind: 'kvlist'; readonly values: readonly Attribute[] };

/** `value` is undefined when the sender left it out. */
export interface Attribute {
  readonly key: string;
  readonly value: AnyValue | undefined;
}

const EMPTY: AnyValue = { kind: 'empty' };

/** All from `reader.pos` to `end`. Bytes that are not a `KeyValue` throw `MalformedWire`. */
export function readAttribute(reader: WireReader, end: number, depth = 1): Attribute {
  let key = '';
  let value: AnyValue | undefined;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) key = readText(reader, end);
    else if (tag === 18) value = readAnyValue(reader, reader.delimit(end), value, depth + 1);
    else reader.skip(tag, end);
  }
  return { key, value };
}

export function readAttributeKey(reader: WireReader, end: number): string {
  let key = '';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) key = readText(reader, end);
    else reader.skip(tag, end);
  }
  return key;
}

/** All from `reader.pos` to `end`, on top of `earlier` pieces of the same value. */
export function readAnyValue(
  reader: WireReader,
  end: number,
  earlier: AnyValue = EMPTY,
  depth = 1,
): AnyValue {
  if (depth > MAX_DEPTH) reader.fail('too-deep', reader.pos, end);
  let value = earlier;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 10:
        value = { kind: 'string', value: readText(reader, end) };
        break;
      case 16:
        reader.varint64(end);
        value = { kind: 'bool', value: (reader.lo | reader.hi) !== 0 };
        break;
      case 24:
        reader.varint64(end);
        value = { kind: 'int', value: signed64(reader) };
        break;
      case 33:
        value = { kind: 'double', value: reader.double(end) };
        break;
      case 42:
        value = readArray(reader, reader.delimit(end), value, depth + 1);
        break;
      case 50:
        value = readKvlist(reader, reader.delimit(end), value, depth + 1);
        break;
      case 58:
        value = { kind: 'bytes', value: readBytes(reader, end) };
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return value;
}

function readArray(reader: WireReader, end: number, earlier: AnyValue, depth: number): AnyValue {
  const values: AnyValue[] = earlier.kind === 'array' ? [...earlier.values] : [];
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) values.push(readAnyValue(reader, reader.delimit(end), EMPTY, depth + 1));
    else reader.skip(tag, end);
  }
  return { kind: 'array', values };
}

function readKvlist(reader: WireReader, end: number, earlier: AnyValue, depth: number): AnyValue {
  const values: Attribute[] = earlier.kind === 'kvlist' ? [...earlier.values] : [];
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) values.push(readAttribute(reader, reader.delimit(end), depth + 1));
    else reader.skip(tag, end);
  }
  return { kind: 'kvlist', values };
}

/** A string field. Bytes that are not UTF-8 become U+FFFD. */
export function readText(reader: WireReader, end: number): string {
  const stop = reader.delimit(end);
  const text = decodeText(reader.bytes, reader.pos, stop);
  reader.pos = stop;
  return text;
}

/** A bytes field, copied. */
export function readBytes(reader: WireReader, end: number): Uint8Array {
  const stop = reader.delimit(end);
  const bytes = reader.bytes.slice(reader.pos, stop);
  reader.pos = stop;
  return bytes;
}

function signed64(words: { readonly lo: number; readonly hi: number }): bigint {
  return BigInt.asIntN(64, (BigInt(words.hi) << 32n) | BigInt(words.lo >>> 0));
}
