import type { Arrival } from '../../proto/query/index.ts';
import { serviceIdOf, type ServiceKey, type Signal } from '../../proto/columns/index.ts';
import type { ArchiveProgress } from '../archive/index.ts';
import type { ServiceWindow } from '../service/index.ts';
import { latestArrival } from './arrivals.ts';
import { readFrozenTier, type FrozenTiers } from './frozen-tiers.ts';
import type { ServicesMessage, ServicesRef } from '../services/index.ts';
import type { ActorSystem } from '../system/index.ts';

/** The part of the windows that the archive does not have yet, and where that part begins. */
export interface HotTier<S extends Signal> {
  readonly windows: readonly ServiceWindow<S>[];
  /** Everything of segments 1 … `through` is in the archive, and none of it in `windows`. */
  readonly through: number;
  /** Of the last item that had arrived when the windows were read. */
  readonly asOf: Arrival;
}

export interface HotTierSource {
  readonly system: ActorSystem;
  readonly services: ServicesRef;
  readonly progress: ArchiveProgress;
  /** Read in place of what is there now. */
  readonly frozen?: FrozenTiers;
}

/**
 * Splits all telemetry of a signal at the seam. The windows are read first and the archive's progress after: a
 * batch leaves the windows only once it is archived, so one that is missing from the snapshot lies at or before
 * `through`, and one that lies behind it cannot have left. No row is lost and none comes twice.
 */
export async function readHotTier<S extends Signal>(
  { system, services, progress, frozen }: HotTierSource,
  signal: S,
  service?: ServiceKey,
): Promise<HotTier<S>> {
  if (frozen) return readFrozenTier(frozen, signal, service);
  const archivedBefore = progress.through;
  const snapshots = (await system.ask<ServicesMessage, readonly ServiceWindow[]>(services, (reply) => ({
    type: 'snapshot',
    signal,
    ...(service === undefined ? {} : { service: serviceIdOf(service) }),
    reply,
  }))) as readonly ServiceWindow<S>[];
  const { through } = progress;
  const windows = snapshots.map((window) => ({
    service: window.service,
    parts: window.parts.filter(({ segment }) => segment > through),
  }));
  return { windows, through, asOf: latestArrival(snapshots, archivedBefore) };
}
