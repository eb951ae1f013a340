import type { TimeRange } from '../../../../actors/ports/index.ts';
import { ROLLUP_LEVELS, type RollupLevel } from '../rollups.ts';

/** A part of a range, and what answers it exactly: the rows themselves where nothing coarser lies whole within. */
export type RedPiece =
  | ({ readonly level: 'rows' } & TimeRange)
  | { readonly level: RollupLevel; readonly fromSecond: bigint; readonly toSecond: bigint };

const NANOS = 1_000_000_000n;

/** Cuts a range into whole hours, the whole minutes beside them, and the rest beside those. */
export function redPieces(range: TimeRange): RedPiece[] {
  return pieces(range, ROLLUP_LEVELS.length - 1);
}

function pieces({ fromUnixNano, toUnixNano }: TimeRange, index: number): RedPiece[] {
  if (fromUnixNano >= toUnixNano) return [];
  const coarsest = ROLLUP_LEVELS[index];
  if (!coarsest) return [{ level: 'rows', fromUnixNano, toUnixNano }];
  const unit = coarsest.seconds * NANOS;
  const from = ((fromUnixNano + unit - 1n) / unit) * unit;
  const to = (toUnixNano / unit) * unit;
  if (from >= to) return pieces({ fromUnixNano, toUnixNano }, index - 1);
  return [
    ...pieces({ fromUnixNano, toUnixNano: from }, index - 1),
    { level: coarsest.level, fromSecond: from / NANOS, toSecond: to / NANOS },
    ...pieces({ fromUnixNano: to, toUnixNano }, index - 1),
  ];
}
