import { ByteBuffer } from '../../workers/wire/index.ts';

type Value = string | number | boolean;

const encoder = new TextEncoder();
/** Keys and values of the shop are few. */
const knownAttributes = new Map<string, Uint8Array>();
const MOST_KNOWN = 10_000;

/** Fields of protobuf messages, as OTLP numbers them. */
export class OtlpWriter extends ByteBuffer {
  text(field: number, value: string): void {
    if (value === '') return;
    const bytes = encoder.encode(value);
    this.message(field, bytes);
  }

  message(field: number, bytes: Uint8Array): void {
    this.varint32(field * 8 + 2);
    this.varint32(bytes.length);
    this.append(bytes, 0, bytes.length);
  }

  within(field: number, write: () => void): void {
    this.varint32(field * 8 + 2);
    const start = this.beginDelimited();
    write();
    this.endDelimited(start);
  }

  integer(field: number, value: number): void {
    this.varint32(field * 8);
    this.varint32(value);
  }

  timeMs(field: number, unixMs: number): void {
    this.unsigned(field, BigInt(Math.round(unixMs * 1_000)) * 1_000n);
  }

  unsigned(field: number, value: bigint): void {
    this.varint32(field * 8 + 1);
    this.fixed64(value);
  }

  real(field: number, value: number): void {
    this.varint32(field * 8 + 1);
    this.double(value);
  }

  attributes(field: number, values: Readonly<Record<string, unknown>>): void {
    for (const key in values) {
      const value = values[key];
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
        this.message(field, keyValue(key, value));
      }
    }
  }
}

function keyValue(key: string, value: Value): Uint8Array {
  const name = `${typeof value} ${key}=${value}`;
  let bytes = knownAttributes.get(name);
  if (bytes === undefined) {
    const writer = new OtlpWriter();
    writer.text(1, key);
    writer.within(2, () => {
      writeValue(writer, value);
    });
    bytes = writer.written().slice();
    if (knownAttributes.size < MOST_KNOWN) knownAttributes.set(name, bytes);
  }
  return bytes;
}

function writeValue(writer: OtlpWriter, value: Value): void {
  if (typeof value === 'string') writer.message(1, encoder.encode(value));
  else if (typeof value === 'boolean') writer.integer(2, Number(value));
  else if (Number.isInteger(value)) {
    writer.varint32(3 * 8);
    writer.varint64(BigInt(value));
  } else writer.real(4, value);
}
