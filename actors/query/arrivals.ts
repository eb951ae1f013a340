import type { Signal } from '../../proto/columns/index.ts';
import type { Arrival } from '../../proto/query/index.ts';
import type { ServiceWindow } from '../service/index.ts';

const LAST_ORDINAL = 2 ** 32 - 1;

/**
 * Of the last item that had arrived when the windows were read, or, where they are empty, of the last that was archived
 * before.
 */
export function latestArrival(windows: readonly ServiceWindow[], archivedBefore: number): Arrival {
  let latest: Arrival = { segment: archivedBefore, ordinal: LAST_ORDINAL };
  for (const { parts } of windows) {
    for (const { segment, firstOrdinal, batch } of parts) {
      const last = { segment, ordinal: firstOrdinal + batch.rowCount - 1 };
      if (isAfter(last, latest)) latest = last;
    }
  }
  return latest;
}

function isAfter(a: Arrival, b: Arrival): boolean {
  return a.segment > b.segment || (a.segment === b.segment && a.ordinal > b.ordinal);
}

/** The tier as it was when `asOf` was the last item that had arrived. A batch arrives as a whole. */
export function arrivedBy<S extends Signal, Tier extends { readonly windows: readonly ServiceWindow<S>[] }>(
  tier: Tier & { readonly windows: readonly ServiceWindow<S>[] },
  asOf: Arrival,
): Tier {
  const windows = tier.windows.map(({ service, parts }) => ({
    service,
    parts: parts.filter(({ segment, firstOrdinal }) => !isAfter({ segment, ordinal: firstOrdinal }, asOf)),
  }));
  return { ...tier, windows };
}
