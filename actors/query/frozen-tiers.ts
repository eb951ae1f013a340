import { SIGNALS, serviceIdOf, type ServiceKey, type Signal } from '../../proto/columns/index.ts';
import { visibilityTest } from '../../workers/search/index.ts';
import type { QueryRun } from '../ports/index.ts';
import type { ServiceWindow } from '../service/index.ts';
import type { ServicesMessage } from '../services/index.ts';
import type { FrozenTiers, HotTier, HotTierSource } from './tiers.ts';

const LAST_ORDINAL = 2 ** 32 - 1;

/** `undefined`: nothing is in both tiers. */
export async function freezeTiers({
  system,
  services,
  progress,
}: HotTierSource): Promise<FrozenTiers | undefined> {
  const archivedThrough = progress.through;
  const snapshotOf = (signal: Signal): Promise<readonly ServiceWindow[]> =>
    system.ask<ServicesMessage, readonly ServiceWindow[]>(services, (reply) => ({
      type: 'snapshot',
      signal,
      reply,
    }));
  // Asked in one turn, so that no eviction comes between them.
  const snapshots = await Promise.all(SIGNALS.map(snapshotOf));
  const archived = snapshots.map((windows) =>
    windows.map(({ service, parts }) => ({
      service,
      parts: parts.filter(({ segment }) => segment <= archivedThrough),
    })),
  );
  const oldest = oldestWhole(archived);
  if (oldest === undefined) return undefined;
  const [traces, metrics, logs] = archived as unknown as readonly [
    readonly ServiceWindow<'traces'>[],
    readonly ServiceWindow<'metrics'>[],
    readonly ServiceWindow<'logs'>[],
  ];
  return { windows: { traces, metrics, logs }, archivedThrough, seam: oldest - 1 };
}

export function readFrozenTier<S extends Signal>(
  { windows, seam, archivedThrough }: FrozenTiers,
  signal: S,
  visible: QueryRun['visible'],
  service?: ServiceKey,
): HotTier<S> {
  const isVisible = visibilityTest(visible);
  const id = service && serviceIdOf(service);
  const parts = (windows[signal] as readonly ServiceWindow<S>[])
    .filter((window) => isVisible(window.service) && (id === undefined || serviceIdOf(window.service) === id))
    .map((window) => ({
      service: window.service,
      parts: window.parts.filter(({ segment }) => segment > seam),
    }));
  return { windows: parts, through: seam, asOf: { segment: archivedThrough, ordinal: LAST_ORDINAL } };
}

/**
 * Windows give up whole segments, the oldest first: what is behind the oldest is there. Not what came from a service beyond
 * the most that have windows; its items are missing from the numbering.
 */
function oldestWhole(signals: readonly (readonly ServiceWindow[])[]): number | undefined {
  let oldest = Infinity;
  let lacking = 0;
  for (const windows of signals) {
    const items = new Map<number, { found: number; last: number }>();
    for (const { parts } of windows) {
      for (const { segment, firstOrdinal, batch, joinedOf } of parts) {
        const known = items.get(segment) ?? { found: 0, last: 0 };
        // Joined ones have no numbers any more, and so count as lacking.
        if (!joinedOf) known.found += batch.rowCount;
        known.last = Math.max(known.last, firstOrdinal + batch.rowCount);
        items.set(segment, known);
      }
    }
    for (const [segment, { found, last }] of items) {
      oldest = Math.min(oldest, segment);
      if (found !== last) lacking = Math.max(lacking, segment);
    }
  }
  const first = Math.max(oldest, lacking + 1);
  const isThere = signals.some((windows) =>
    windows.some(({ parts }) => parts.some(({ segment }) => segment >= first)),
  );
  return isThere ? first : undefined;
}
