import { set128, set64 } from './columns';
import { Cursor } from './cursor';

/** `ID_ABSENT`: no bytes or all zero. `ID_MALFORMED`: any length but the right one. */
export const ID_ABSENT: u32 = 0;
export const ID_VALID: u32 = 1;
export const ID_MALFORMED: u32 = 2;

export function readTraceId(group: usize, column: usize, row: u32, end: usize): u32 {
  const stop = Cursor.delimit(end);
  const start = Cursor.pos;
  Cursor.pos = stop;
  if (stop - start == 16) {
    const id = v128.load(start);
    set128(group, column, row, id);
    return v128.any_true(id) ? ID_VALID : ID_ABSENT;
  }
  set128(group, column, row, i64x2.splat(0));
  return stop == start ? ID_ABSENT : ID_MALFORMED;
}

export function readSpanId(group: usize, column: usize, row: u32, end: usize): u32 {
  const stop = Cursor.delimit(end);
  const start = Cursor.pos;
  Cursor.pos = stop;
  if (stop - start == 8) {
    const id = load<u64>(start);
    set64(group, column, row, id);
    return id != 0 ? ID_VALID : ID_ABSENT;
  }
  set64(group, column, row, 0);
  return stop == start ? ID_ABSENT : ID_MALFORMED;
}
