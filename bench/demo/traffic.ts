import { pause } from './pause.ts';

const DAY_MS = 86_400_000;

/** Share of the day's most traffic at a moment: least at 04:00, most at 16:00 and 20:00 local time. */
export function dailyRhythm(localMsOfDay: number): number {
  const hour = (localMsOfDay / DAY_MS) * 24;
  const day = 0.55 - 0.45 * Math.cos(((hour - 4) / 24) * 2 * Math.PI);
  const evening = 0.25 * Math.exp(-(((hour - 20) / 1.5) ** 2));
  return Math.min(1, day + evening);
}

export interface TrafficOptions {
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
  while (!options.signal.aborted) {
    const rate = options.requestsPerSecond * dailyRhythm(localMsOfDay(options.dayMs)) * options.factor();
    await pause(Math.min(1_000, (-Math.log(1 - Math.random()) * 1_000) / Math.max(0.05, rate)));
    void options.visit();
  }
}

/** The local time of day, or where a shorter day stands when each begins at the epoch. */
function localMsOfDay(dayMs: number): number {
  const offsetMs = dayMs === DAY_MS ? new Date().getTimezoneOffset() * 60_000 : 0;
  return (((Date.now() - offsetMs) % dayMs) / dayMs) * DAY_MS;
}
