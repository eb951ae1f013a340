import type { ByteBuffer } from '../wire/index.ts';
import { asciiOf, Char, isNumberStart, type JsonReader } from './json-reader.ts';
import type { ScalarKind } from './otlp-fields.ts';

/** Reads a value at the reader's cursor and writes it, without a tag. Throws `UnreadableJson`. */
type ScalarWriter = (reader: JsonReader, out: ByteBuffer) => void;

/** The longest text a number or an id may have; more is an error before it is a string. */
const MAX_TOKEN = 400;

export const SCALAR_WRITERS: { readonly [Kind in ScalarKind]: ScalarWriter } = {
  string: (reader, out) => {
    if (reader.peek() !== Char.quote) reader.failValue('a string');
    reader.readString();
    const { source, start, end } = reader.text;
    out.varint32(end - start);
    out.append(source, start, end);
  },
  bool: (reader, out) => {
    if (reader.takeWord('true')) out.byte(1);
    else if (reader.takeWord('false')) out.byte(0);
    else reader.failValue('true or false');
  },
  double: (reader, out) => {
    out.double(readDouble(reader));
  },
  enum: (reader, out) => {
    if (reader.peek() === Char.quote) {
      reader.readString();
      reader.fail(
        `expected the integer of an enum value, found the string ${JSON.stringify(tokenOf(reader))}`,
      );
    }
    out.varint64(readInteger(reader, -(2n ** 31n), 2n ** 31n - 1n));
  },
  int32: (reader, out) => {
    out.varint64(readInteger(reader, -(2n ** 31n), 2n ** 31n - 1n));
  },
  sint32: (reader, out) => {
    const value = Number(readInteger(reader, -(2n ** 31n), 2n ** 31n - 1n));
    out.varint32((value << 1) ^ (value >> 31));
  },
  uint32: (reader, out) => {
    out.varint32(Number(readInteger(reader, 0n, 2n ** 32n - 1n)));
  },
  fixed32: (reader, out) => {
    out.fixed32(Number(readInteger(reader, 0n, 2n ** 32n - 1n)));
  },
  int64: (reader, out) => {
    out.varint64(readInteger(reader, -(2n ** 63n), 2n ** 63n - 1n));
  },
  uint64: (reader, out) => {
    out.varint64(readInteger(reader, 0n, 2n ** 64n - 1n));
  },
  fixed64: (reader, out) => {
    out.fixed64(readInteger(reader, 0n, 2n ** 64n - 1n));
  },
  sfixed64: (reader, out) => {
    out.fixed64(readInteger(reader, -(2n ** 63n), 2n ** 63n - 1n));
  },
  bytes: (reader, out) => {
    if (reader.peek() !== Char.quote) reader.failValue('bytes as a base64 string');
    reader.readString();
    const { source, start, end } = reader.text;
    const text = Buffer.from(source.buffer, source.byteOffset + start, end - start).toString('latin1');
    const bytes =
      decodeBase64(text) ?? reader.fail('expected bytes as base64, found a string that is not base64');
    out.varint32(bytes.length);
    out.append(bytes, 0, bytes.length);
  },
  traceId: (reader, out) => {
    writeId(reader, out, 16);
  },
  spanId: (reader, out) => {
    writeId(reader, out, 8);
  },
};

/** Any even number of hex digits: whether the length is right is for the decoder to judge, item by item. */
function writeId(reader: JsonReader, out: ByteBuffer, size: 8 | 16): void {
  const expected = `${2 * size} hex digits`;
  if (reader.peek() !== Char.quote) reader.failValue(`an id of ${expected}`);
  reader.readString();
  if (writeHex(reader, out)) return;
  const token = tokenOf(reader);
  if (decodeBase64(token)?.length === size) {
    reader.fail(
      `hex expected: OTLP/JSON writes an id as ${expected}, and ${JSON.stringify(token)} is base64`,
    );
  }
  reader.fail(`expected an id of ${expected}, found ${JSON.stringify(token)}`);
}

/** Writes the latest string as the bytes its hex digits stand for, their number first; false if it is not hex. */
function writeHex(reader: JsonReader, out: ByteBuffer): boolean {
  const { source, start, end } = reader.text;
  if ((end - start) % 2 !== 0) return false;
  for (let pos = start; pos < end; pos++) {
    if (hexDigit(source[pos] ?? 0) < 0) return false;
  }
  out.varint32((end - start) / 2);
  for (let pos = start; pos < end; pos += 2) {
    out.byte((hexDigit(source[pos] ?? 0) << 4) | hexDigit(source[pos + 1] ?? 0));
  }
  return true;
}

function hexDigit(char: number): number {
  if (char >= 0x30 && char <= 0x39) return char - 0x30;
  const lower = char | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** The latest string, as far as a message shall repeat it. */
function tokenOf(reader: JsonReader): string {
  const { source, start, end } = reader.text;
  return asciiOf(source, start, Math.min(end, start + MAX_TOKEN));
}

/** Standard or URL-safe alphabet, padded or not; undefined if it is neither. */
function decodeBase64(text: string): Uint8Array | undefined {
  const digits = text.replace(/={1,2}$/, '');
  if (digits.length % 4 === 1 || !/^[A-Za-z0-9+/_-]*$/.test(digits)) return undefined;
  return Buffer.from(digits, 'base64');
}

function readDouble(reader: JsonReader): number {
  const next = reader.peek();
  if (isNumberStart(next)) return Number(reader.numberText());
  if (next !== Char.quote) reader.failValue('a number');
  reader.readString();
  const token = tokenOf(reader);
  if (token === 'NaN') return Number.NaN;
  if (token === 'Infinity') return Number.POSITIVE_INFINITY;
  if (token === '-Infinity') return Number.NEGATIVE_INFINITY;
  if (!NUMBER.test(token)) reader.fail(`expected a number, found the string ${JSON.stringify(token)}`);
  return Number(token);
}

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** A number, a string of one, or the `{"low", "high"}` words of old JavaScript SDKs. */
function readInteger(reader: JsonReader, min: bigint, max: bigint): bigint {
  const value = integerAt(reader);
  if (value === undefined) {
    return reader.fail(
      `expected an integer, found the fraction or string ${JSON.stringify(tokenOf(reader))}`,
    );
  }
  if (value < min || value > max) reader.fail(`expected an integer from ${min} to ${max}, found ${value}`);
  return value;
}

function integerAt(reader: JsonReader): bigint | undefined {
  const next = reader.peek();
  if (isNumberStart(next)) {
    const start = reader.pos;
    const value = parseInteger(reader.numberText());
    return value ?? reader.fail(`expected an integer, found a fraction at byte ${start}`);
  }
  if (next === Char.quote) {
    reader.readString();
    return parseInteger(tokenOf(reader));
  }
  if (next === Char.openObject) return readWords(reader);
  return reader.failValue('an integer');
}

/** Whole digits keep every digit; `1.5e3` goes through a double, which is what its sender had. */
function parseInteger(token: string): bigint | undefined {
  if (token.length >= MAX_TOKEN || !NUMBER.test(token)) return undefined;
  if (/^-?\d+$/.test(token)) return BigInt(token);
  const value = Number(token);
  return Number.isInteger(value) ? BigInt(value) : undefined;
}

function readWords(reader: JsonReader): bigint {
  let low = 0n;
  let high = 0n;
  let isUnsigned = false;
  for (let more = reader.open(Char.openObject, ''); more; more = reader.continues(Char.openObject)) {
    reader.memberName();
    const name = tokenOf(reader);
    reader.enter(name);
    if (name === 'low') low = readInteger(reader, -(2n ** 31n), 2n ** 32n - 1n);
    else if (name === 'high') high = readInteger(reader, -(2n ** 31n), 2n ** 32n - 1n);
    else if (name === 'unsigned') isUnsigned = reader.takeWord('true') || !reader.takeWord('false');
    else reader.skipValue();
    reader.leave();
  }
  const words = (BigInt.asUintN(32, high) << 32n) | BigInt.asUintN(32, low);
  return isUnsigned ? words : BigInt.asIntN(64, words);
}
