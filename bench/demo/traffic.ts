import type { ShopWorld } from './world.ts';

const DAY_MS = 86_400_000;

/** Share of the day's most traffic at a moment: least at 04:00, most at 16:00 and 20:00 local time. */
export function dailyRhythm(localMsOfDay: number): number {
  const hour = (localMsOfDay / DAY_MS) * 24;
  const day = 0.55 - 0.45 * Math.cos(((hour - 4) / 24) * 2 * Math.PI);
  const evening = 0.25 * Math.exp(-(((hour - 20) / 1.5) ** 2));
  return Math.min(1, day + evening);
}

export interface TrafficOptions {
  readonly world: ShopWorld;
  /** At the busiest time. */
  readonly requestsPerSecond: number;
  /** Length of a day: shorter to see its rhythm sooner. */
  readonly dayMs: number;
  readonly factor: () => number;
  readonly visit: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** Visitors come independently of each other (a Poisson process), more by day than by night. */
export async function runTraffic(options: TrafficOptions): Promise<void> {
  const { world, dayMs } = options;
  while (!options.signal.aborted) {
    const share = dailyRhythm(localMsOfDay(world.unixMs(), dayMs));
    const rate = options.requestsPerSecond * share * options.factor();
    await world.pause(Math.min(1_000, (-Math.log(1 - world.random()) * 1_000) / Math.max(0.05, rate)));
    void options.visit();
  }
}

/** The local time of day, or where a shorter day stands when each begins at the epoch. */
function localMsOfDay(unixMs: number, dayMs: number): number {
  const offsetMs = dayMs === DAY_MS ? new Date(unixMs).getTimezoneOffset() * 60_000 : 0;
  return (((unixMs - offsetMs) % dayMs) / dayMs) * DAY_MS;
}
