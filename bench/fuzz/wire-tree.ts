import { ByteBuffer, MalformedWire, Wire, WireReader } from '../../workers/wire/index.ts';

/**
 * Wire bytes as a tree that can be changed and written again with lengths that fit. Without a schema: whatever
 * reads as a message is one, some texts too.
 */
export interface WireField {
  readonly tag: number;
  /** What stands behind the tag, without a length. */
  readonly content: Uint8Array | readonly WireField[];
}

export function isMessage(field: WireField): field is WireField & { readonly content: readonly WireField[] } {
  return !(field.content instanceof Uint8Array);
}

export function parseFields(bytes: Uint8Array): WireField[] {
  const reader = new WireReader().reset(bytes);
  const fields: WireField[] = [];
  while (reader.pos < bytes.length) {
    const tag = reader.tag(bytes.length);
    let start = reader.pos;
    if ((tag & 7) !== Wire.bytes) {
      reader.skip(tag, bytes.length);
      fields.push({ tag, content: bytes.slice(start, reader.pos) });
      continue;
    }
    const end = reader.delimit(bytes.length);
    start = reader.pos;
    fields.push({ tag, content: parseContent(bytes.slice(start, end)) });
    reader.pos = end;
  }
  return fields;
}

function parseContent(bytes: Uint8Array): Uint8Array | WireField[] {
  if (bytes.length === 0) return bytes;
  try {
    return parseFields(bytes);
  } catch (error) {
    if (error instanceof MalformedWire) return bytes;
    throw error;
  }
}

export function writeFields(fields: readonly WireField[]): Uint8Array {
  const out = new ByteBuffer();
  write(out, fields);
  return Uint8Array.from(out.written());
}

function write(out: ByteBuffer, fields: readonly WireField[]): void {
  for (const { tag, content } of fields) {
    out.varint32(tag);
    if (!(content instanceof Uint8Array)) {
      const start = out.beginDelimited();
      write(out, content);
      out.endDelimited(start);
    } else {
      if ((tag & 7) === Wire.bytes) out.varint32(content.length);
      out.append(content, 0, content.length);
    }
  }
}
