// Hot: several times a row. Bench: bench/decode.
import type { WordBuilder } from '../columns/index.ts';
import type { WireReader } from '../wire/index.ts';

/** `absent`: no bytes or all zero. `malformed`: any length but the right one. */
export const IdState = { absent: 0, valid: 1, malformed: 2 } as const;
export type IdState = (typeof IdState)[keyof typeof IdState];

/** Reads a bytes field of 16 bytes into a row. */
export function readTraceId(reader: WireReader, column: WordBuilder, row: number, end: number): IdState {
  const stop = reader.delimit(end);
  const start = reader.pos;
  reader.pos = stop;
  if (stop - start === 16) return column.copy16(row, reader, start) ? IdState.valid : IdState.absent;
  column.truncate(row);
  return stop === start ? IdState.absent : IdState.malformed;
}

/** Reads a bytes field of 8 bytes into a row. */
export function readSpanId(reader: WireReader, column: WordBuilder, row: number, end: number): IdState {
  const stop = reader.delimit(end);
  const start = reader.pos;
  reader.pos = stop;
  if (stop - start === 8) return column.copy8(row, reader, start) ? IdState.valid : IdState.absent;
  column.truncate(row);
  return stop === start ? IdState.absent : IdState.malformed;
}
