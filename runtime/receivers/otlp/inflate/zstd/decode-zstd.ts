import type { InflatedOutput } from '../inflated-output.ts';
import type { ZstdFrame } from './frame-header.ts';
import { BlockKind, maxBlockBytes, readBlockHeader } from './frame-layout.ts';
import type { HuffmanTable } from './huffman-table.ts';
import { readLiterals } from './literals.ts';
import { newSequenceHistory, runSequences, type SequenceHistory } from './sequences.ts';

/** What blocks of a frame leave to the next. */
interface FrameState {
  readonly sequences: SequenceHistory;
  literalTable: HuffmanTable | undefined;
}

/** Pauses after each block, of which each gives at most 128 KiB. Answers where the last one ends. */
export function* decodeBlocks(
  source: Uint8Array,
  frame: ZstdFrame,
  output: InflatedOutput,
): Generator<undefined, number> {
  const state: FrameState = { sequences: newSequenceHistory(), literalTable: undefined };
  let at = frame.next;
  for (let isLast = false; !isLast;) {
    const block = readBlockHeader(source, at);
    output.beginBlock(maxBlockBytes(frame));
    if (block.kind === BlockKind.raw) output.append(source, block.start, block.next);
    else if (block.kind === BlockKind.repeated) output.fill(source[block.start] ?? 0, block.size);
    else decodeBlock(source, block.start, block.next, state, output);
    ({ isLast, next: at } = block);
    yield;
  }
  return at;
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
