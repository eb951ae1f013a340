import type { TimeRange } from '../../../../actors/ports/index.ts';
import { RED_TABLES, type RedTable } from '../rollups.ts';

/** A part of a range, and the table that answers it exactly: rows themselves where no coarser ones lie within. */
export type RedPiece =
  | { readonly table: 'spans'; readonly fromUnixNano: bigint; readonly toUnixNano: bigint }
  | { readonly table: RedTable; readonly fromSecond: bigint; readonly toSecond: bigint };

const NANOS = 1_000_000_000n;

const ceilTo = (value: bigint, unit: bigint): bigint => ((value + unit - 1n) / unit) * unit;
const floorTo = (value: bigint, unit: bigint): bigint => (value / unit) * unit;

/** Cuts a range into whole hours, the whole minutes beside them, the whole seconds beside those, and the rest. */
export function redPieces({ fromUnixNano, toUnixNano }: TimeRange): RedPiece[] {
  const from = ceilTo(fromUnixNano, NANOS);
  const to = floorTo(toUnixNano, NANOS);
  if (from >= to) return spansPiece(fromUnixNano, toUnixNano);
  return [
    ...spansPiece(fromUnixNano, from),
    ...wholePieces(from / NANOS, to / NANOS, 0),
    ...spansPiece(to, toUnixNano),
  ];
}

function spansPiece(fromUnixNano: bigint, toUnixNano: bigint): RedPiece[] {
  return fromUnixNano < toUnixNano ? [{ table: 'spans', fromUnixNano, toUnixNano }] : [];
}

function wholePieces(fromSecond: bigint, toSecond: bigint, level: number): RedPiece[] {
  const finest = RED_TABLES[level];
  if (!finest || fromSecond >= toSecond) return [];
  const coarser = RED_TABLES[level + 1];
  const from = coarser && ceilTo(fromSecond, coarser.seconds);
  const to = coarser && floorTo(toSecond, coarser.seconds);
  if (from === undefined || to === undefined || from >= to)
    {return [{ table: finest.table, fromSecond, toSecond }];}
  return [
    ...(fromSecond < from ? [{ table: finest.table, fromSecond, toSecond: from }] : []),
    ...wholePieces(from, to, level + 1),
    ...(to < toSecond ? [{ table: finest.table, fromSecond: to, toSecond }] : []),
  ];
}
