import { littleEndian } from '../little-endian.ts';
import { MalformedBody } from '../malformed-body.ts';
import { readHuffmanTable, type HuffmanTable } from './huffman-table.ts';

export const MAX_BLOCK_BYTES = 128 * 1024;

/** Literals of a block: `bytes` from `start` to `end`, valid until the next block is read; `next` is what follows. */
export interface Literals {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly next: number;
  /** What a later block may refer to. */
  readonly table: HuffmanTable | undefined;
}

/** Blocks are decoded one at a time and without a pause inside. */
const scratch = new Uint8Array(MAX_BLOCK_BYTES);

/** RFC 8878, 3.1.1.3.1: the literals section from `start`, in a block that ends at `end`. */
export function readLiterals(
  source: Uint8Array,
  start: number,
  end: number,
  earlier: HuffmanTable | undefined,
): Literals {
  const kind = (source[start] ?? 0) & 3;
  return kind < 2
    ? readPlainLiterals(source, start, end, kind === 1, earlier)
    : readCodedLiterals(source, start, end, kind === 3, earlier);
}

const PLAIN_HEAD_BYTES = [1, 2, 1, 3] as const;

function readPlainLiterals(
  source: Uint8Array,
  start: number,
  end: number,
  isRepeated: boolean,
  table: HuffmanTable | undefined,
): Literals {
  const headBytes = PLAIN_HEAD_BYTES[sizeFormat(source, start)] ?? 1;
  const size = littleEndian(source, start, headBytes) >> (headBytes === 1 ? 3 : 4);
  const from = start + headBytes;
  const next = from + (isRepeated ? 1 : size);
  check(size, next, end);
  if (!isRepeated) return { bytes: source, start: from, end: next, next, table };
  scratch.fill(source[from] ?? 0, 0, size);
  return { bytes: scratch, start: 0, end: size, next, table };
}

const CODED_HEAD_BYTES = [3, 3, 4, 5] as const;
const CODED_SIZE_BITS = [10, 10, 14, 18] as const;

function readCodedLiterals(
  source: Uint8Array,
  start: number,
  end: number,
  isTreeless: boolean,
  earlier: HuffmanTable | undefined,
): Literals {
  const format = sizeFormat(source, start);
  const headBytes = CODED_HEAD_BYTES[format] ?? 3;
  const sizeBits = CODED_SIZE_BITS[format] ?? 10;
  const head = littleEndian(source, start, headBytes);
  // Up to 40 bits: too many for bit operators.
  const size = Math.floor(head / 16) % 2 ** sizeBits;
  const next = start + headBytes + Math.floor(head / 2 ** (4 + sizeBits));
  check(size, next, end);
  let streams = start + headBytes;
  let table = earlier;
  if (!isTreeless) ({ table, next: streams } = readHuffmanTable(source, streams, next));
  if (!table) throw new MalformedBody('literals refer to a table that was not sent');
  if (format === 0) table.decode(source, streams, next, scratch, 0, size);
  else decodeFourStreams(table, source, streams, next, size);
  return { bytes: scratch, start: 0, end: size, next, table };
}

function decodeFourStreams(
  table: HuffmanTable,
  source: Uint8Array,
  start: number,
  end: number,
  size: number,
): void {
  const part = (size + 3) >> 2;
  const partStarts = [0, part, 2 * part, 3 * part];
  if (start + 6 > end || 3 * part > size) throw new MalformedBody('the streams of literals are cut short');
  let from = start + 6;
  partStarts.forEach((partStart, index) => {
    const isLast = index === 3;
    const to = isLast ? end : from + littleEndian(source, start + 2 * index, 2);
    if (to > end) throw new MalformedBody('a stream of literals is cut short');
    table.decode(source, from, to, scratch, partStart, isLast ? size : partStart + part);
    from = to;
  });
}

function check(size: number, next: number, end: number): void {
  if (size > MAX_BLOCK_BYTES) throw new MalformedBody('a block has more literals than it may');
  if (next > end) throw new MalformedBody('literals are cut short');
}

function sizeFormat(source: Uint8Array, start: number): number {
  return ((source[start] ?? 0) >> 2) & 3;
}
