import { serviceIdOf, type ServiceKey, type Signal } from '../../proto/columns/index.ts';
import { visibilityTest } from '../../workers/search/index.ts';
import type { QueryRun } from '../ports/index.ts';
import type { ServiceWindow } from '../service/index.ts';
import { latestArrival } from './arrivals.ts';
import { readFrozenTier } from './frozen-tiers.ts';
import type { HotTier, HotTierSource } from './tiers.ts';
import type { ServicesMessage } from '../services/index.ts';

export type { HotTier, HotTierSource } from './tiers.ts';

/**
 * Splits all telemetry of a signal at the seam. The windows are read first and the archive's progress after: a
 * batch leaves the windows only once it is archived, so one that is missing from the snapshot lies at or before
 * `through`, and one that lies behind it cannot have left. No row is lost and none comes twice. Windows of services that
 * whoever asks may not see are not in it.
 */
export async function readHotTier<S extends Signal>(
  { system, services, progress, frozen }: HotTierSource,
  signal: S,
  { visible }: Pick<QueryRun, 'visible'>,
  service?: ServiceKey,
): Promise<HotTier<S>> {
  if (frozen) return readFrozenTier(frozen, signal, visible, service);
  const archivedBefore = progress.through;
  const snapshots = (await system.ask<ServicesMessage, readonly ServiceWindow[]>(services, (reply) => ({
    type: 'snapshot',
    signal,
    ...(service === undefined ? {} : { service: serviceIdOf(service) }),
    reply,
  }))) as readonly ServiceWindow<S>[];
  const { through } = progress;
  const isVisible = visibilityTest(visible);
  const windows = snapshots
    .filter((window) => isVisible(window.service))
    .map((window) => ({
      service: window.service,
      parts: window.parts.filter(({ segment }) => segment > through),
    }));
  return { windows, through, asOf: latestArrival(snapshots, archivedBefore) };
}
