import { Wire } from '../../workers/wire/index.ts';
import type { Random } from './random.ts';
import { isMessage, writeFields, type WireField } from './wire-tree.ts';

type Fields = readonly WireField[];
type Edit = (fields: Fields, random: Random, donor: Fields) => Fields;

/** Changes a request: fields at first, of which it mostly stays readable, and then, now and then, bytes. */
export function mutate(request: Fields, donor: Fields, random: Random): Uint8Array {
  let fields = request;
  for (let count = random.below(4); count > 0; count--) {
    fields = editSomewhere(fields, random, donor, random.pick(FIELD_EDITS));
  }
  let bytes = writeFields(fields);
  if (random.below(2) === 0) return bytes;
  for (let count = 1 + random.below(3); count > 0; count--) bytes = random.pick(BYTE_EDITS)(bytes, random);
  return bytes;
}

/** Applies an edit to the fields of the request or of one of the messages in it. */
function editSomewhere(fields: Fields, random: Random, donor: Fields, edit: Edit): Fields {
  const messages = fields.flatMap((field, index) => (isMessage(field) ? [index] : []));
  if (messages.length === 0 || random.below(5) === 0) return edit(fields, random, donor);
  const chosen = messages[random.below(messages.length)];
  return fields.map((field, index) => {
    if (index !== chosen || !isMessage(field)) return field;
    return { tag: field.tag, content: editSomewhere(field.content, random, donor, edit) };
  });
}

const FIELD_EDITS: readonly [Edit, ...Edit[]] = [
  function duplicate(fields, random) {
    const field = fields[random.below(fields.length)];
    return field ? fields.toSpliced(random.below(fields.length + 1), 0, field) : fields;
  },
  function remove(fields, random) {
    return fields.toSpliced(random.below(fields.length), 1);
  },
  function reorder(fields, random) {
    const at = random.below(fields.length);
    const field = fields[at];
    return field ? fields.toSpliced(at, 1).toSpliced(random.below(fields.length), 0, field) : fields;
  },
  /** A field of another request, of the same or of another message. */
  function splice(fields, random, donor) {
    const field = fieldSomewhere(donor, random);
    return field ? fields.toSpliced(random.below(fields.length + 1), 0, field) : fields;
  },
  function renumber(fields, random) {
    const at = random.below(fields.length);
    const field = fields[at];
    if (!field) return fields;
    return fields.with(at, { ...field, tag: ((1 + random.below(17)) << 3) | (field.tag & 7) });
  },
  function nest(fields, random) {
    const at = random.below(fields.length);
    const field = fields[at];
    if (!field || (field.tag & 7) !== Wire.bytes) return fields;
    let content = field.content;
    for (let depth = random.below(130); depth > 0; depth--) {
      content = [{ tag: random.pick([42, 10, 50, 18]), content }];
    }
    return fields.with(at, { tag: field.tag, content });
  },
  function number(fields, random) {
    const tag = ((1 + random.below(17)) << 3) | Wire.varint;
    const size = 1 + random.below(11);
    const content = Uint8Array.from(
      { length: size },
      (_, at) => (at < size - 1 ? 0x80 : 0) | random.below(128),
    );
    return fields.toSpliced(random.below(fields.length + 1), 0, { tag, content });
  },
  function empty(fields, random) {
    const tag = ((1 + random.below(17)) << 3) | Wire.bytes;
    return fields.toSpliced(random.below(fields.length + 1), 0, { tag, content: new Uint8Array(0) });
  },
];

function fieldSomewhere(fields: Fields, random: Random): WireField | undefined {
  const field = fields[random.below(fields.length)];
  if (!field || !isMessage(field) || random.below(3) === 0) return field;
  return fieldSomewhere(field.content, random) ?? field;
}

type ByteEdit = (bytes: Uint8Array, random: Random) => Uint8Array;

const BYTE_EDITS: readonly [ByteEdit, ...ByteEdit[]] = [
  function flipBit(bytes, random) {
    return withByte(bytes, random, (byte) => byte ^ (1 << random.below(8)));
  },
  function setByte(bytes, random) {
    return withByte(bytes, random, () => random.below(256));
  },
  /** Most small numbers are tags or lengths. */
  function lie(bytes, random) {
    return withByte(bytes, random, (byte) => (byte + 1 + random.below(4)) & 0xff);
  },
  function truncate(bytes, random) {
    return bytes.slice(0, random.below(bytes.length + 1));
  },
  function cut(bytes, random) {
    const at = random.below(bytes.length);
    return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(8)));
  },
  function repeat(bytes, random) {
    const at = random.below(bytes.length);
    const end = at + 1 + random.below(24);
    return joined(bytes.subarray(0, end), bytes.subarray(at));
  },
  function overflow(bytes, random) {
    const at = random.below(bytes.length + 1);
    const long = new Uint8Array(1 + random.below(12)).fill(0xff);
    return joined(bytes.subarray(0, at), long, bytes.subarray(at));
  },
];

function withByte(bytes: Uint8Array, random: Random, change: (byte: number) => number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const at = random.below(bytes.length);
  if (at < bytes.length) changed[at] = change(bytes[at] ?? 0);
  return changed;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
