import type { TimeRange, TimeSlices } from '../../../../actors/ports/index.ts';
import { ROLLUP_LEVELS, type RollupFamily, type RollupLevel } from '../rollups.ts';

/** A part of a range, and what answers it exactly: the rows themselves where nothing coarser lies whole within. */
export type RedPiece =
  | ({ readonly level: 'rows' } & TimeRange)
  | { readonly level: RollupLevel; readonly fromSecond: bigint; readonly toSecond: bigint };

const NANOS = 1_000_000_000n;

/** Cuts a range into whole hours, the whole minutes beside them, the seconds beside those where there are such, and the rest. */
export function redPieces(range: TimeRange, family: RollupFamily): RedPiece[] {
  return pieces(range, ROLLUP_LEVELS[family]);
}

/** The same of the range that slices have together, by those levels alone that no border of a slice cuts. */
export function piecesOfSlices(
  { fromUnixNano, widthNano, count }: TimeSlices,
  family: RollupFamily,
): RedPiece[] {
  const toUnixNano = fromUnixNano + widthNano * BigInt(count);
  const isWhole = ({ seconds }: { readonly seconds: bigint }): boolean =>
    fromUnixNano % (seconds * NANOS) === 0n && widthNano % (seconds * NANOS) === 0n;
  return pieces({ fromUnixNano, toUnixNano }, ROLLUP_LEVELS[family].filter(isWhole));
}

type Levels = readonly { readonly level: RollupLevel; readonly seconds: bigint }[];

function pieces({ fromUnixNano, toUnixNano }: TimeRange, levels: Levels): RedPiece[] {
  if (fromUnixNano >= toUnixNano) return [];
  const coarsest = levels.at(-1);
  const finer = levels.slice(0, -1);
  if (!coarsest) return [{ level: 'rows', fromUnixNano, toUnixNano }];
  const unit = coarsest.seconds * NANOS;
  const from = ((fromUnixNano + unit - 1n) / unit) * unit;
  const to = (toUnixNano / unit) * unit;
  if (from >= to) return pieces({ fromUnixNano, toUnixNano }, finer);
  return [
    ...pieces({ fromUnixNano, toUnixNano: from }, finer),
    { level: coarsest.level, fromSecond: from / NANOS, toSecond: to / NANOS },
    ...pieces({ fromUnixNano: to, toUnixNano }, finer),
  ];
}
