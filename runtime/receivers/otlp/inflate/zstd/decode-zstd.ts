import { MalformedBody } from '../malformed-body.ts';
import type { InflatedOutput } from '../inflated-output.ts';
import { readFrameHeader } from './frame-header.ts';
import { BlockKind, CHECKSUM_BYTES, maxBlockBytes, readBlockHeader, type DataFrame } from './frame-layout.ts';
import type { HuffmanTable } from './huffman-table.ts';
import { readLiterals } from './literals.ts';
import { newSequenceHistory, runSequences, type SequenceHistory } from './sequences.ts';

/**
 * Zstandard (RFC 8878) into `output`, pausing after each block, of which each gives at most 128 KiB. `source` is one
 * that `extentOfZstd` has read. Throws `MalformedBody` and `OutputFull`. Content checksums are not compared.
 */
export function* decodeZstd(source: Uint8Array, output: InflatedOutput): Generator<undefined> {
  let at = 0;
  while (at < source.length) {
    const header = readFrameHeader(source, at);
    at = header.kind === 'skippable' ? header.next : yield* decodeFrame(source, header, output);
  }
  if (at > source.length) throw new MalformedBody('it is cut short');
}

/** What blocks of a frame leave to the next. */
interface FrameState {
  readonly sequences: SequenceHistory;
  literalTable: HuffmanTable | undefined;
}

/** Answers where the frame ends. */
function* decodeFrame(
  source: Uint8Array,
  header: DataFrame,
  output: InflatedOutput,
): Generator<undefined, number> {
  const state: FrameState = { sequences: newSequenceHistory(), literalTable: undefined };
  const startsAt = output.length;
  output.beginFrame();
  let at = header.next;
  for (let isLast = false; !isLast;) {
    const block = readBlockHeader(source, at);
    output.beginBlock(maxBlockBytes(header));
    if (block.kind === BlockKind.raw) output.append(source, block.start, block.next);
    else if (block.kind === BlockKind.repeated) output.fill(source[block.start] ?? 0, block.size);
    else decodeBlock(source, block.start, block.next, state, output);
    ({ isLast, next: at } = block);
    yield;
  }
  if (header.contentBytes !== undefined && output.length - startsAt !== header.contentBytes) {
    throw new MalformedBody('a frame has another length than it announces');
  }
  return at + (header.hasChecksum ? CHECKSUM_BYTES : 0);
}

function decodeBlock(
  source: Uint8Array,
  start: number,
  end: number,
  state: FrameState,
  output: InflatedOutput,
): void {
  const literals = readLiterals(source, start, end, state.literalTable);
  state.literalTable = literals.table;
  runSequences(source, literals.next, end, literals, state.sequences, output);
}
