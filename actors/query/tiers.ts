import type { Signal } from '../../proto/columns/index.ts';
import type { Arrival } from '../../proto/query/index.ts';
import type { ArchiveProgress } from '../archive/index.ts';
import type { ServiceWindow } from '../service/index.ts';
import type { ServicesRef } from '../services/index.ts';
import type { ActorSystem } from '../system/index.ts';

/** Both tiers as they were at one moment: what is in the archive, and what of that the windows still had. */
export interface FrozenTiers {
  readonly windows: { readonly [S in Signal]: readonly ServiceWindow<S>[] };
  /** Segments up to this one were archived. */
  readonly archivedThrough: number;
  /** Where a reader of these tiers puts the seam. */
  readonly seam: number;
}

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

/** The tier's part behind a later seam. */
export function behindSeam<S extends Signal>(tier: HotTier<S>, through: number): HotTier<S> {
  const windows = tier.windows.map((window) => ({
    ...window,
    parts: window.parts.filter(({ segment }) => segment > through),
  }));
  return { ...tier, windows, through };
}
