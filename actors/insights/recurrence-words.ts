import type { Recurrence } from '../../workers/kernels/recurrence/index.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** The epoch was a Thursday. */
const DAYS = ['Thursday', 'Friday', 'Saturday', 'Sunday', 'Monday', 'Tuesday', 'Wednesday'];
const MOST_TIMES = 4;

/** `every day at 02:00 UTC`, `every 15 minutes (at :00, :15, :30 and :45)`. */
export function recurrenceWords({ periodMs, phaseMs }: Pick<Recurrence, 'periodMs' | 'phaseMs'>): string {
  const phase = (Math.round(phaseMs / MINUTE_MS) * MINUTE_MS) % periodMs;
  if (periodMs === 7 * DAY_MS) {
    return `every ${DAYS[Math.floor(phase / DAY_MS)] ?? ''} at ${clock(phase)} UTC`;
  }
  if (periodMs === DAY_MS) return `every day at ${clock(phase)} UTC`;
  if (periodMs === HOUR_MS) return `every hour at :${two(phase / MINUTE_MS)}`;
  const minutes = Math.round(periodMs / MINUTE_MS);
  if (HOUR_MS % periodMs === 0) {
    const times = Array.from(
      { length: HOUR_MS / periodMs },
      (_, at) => `:${two(phase / MINUTE_MS + at * minutes)}`,
    );
    return times.length > MOST_TIMES
      ? `every ${minutes} minutes`
      : `every ${minutes} minutes (at ${listed(times)})`;
  }
  if (DAY_MS % periodMs === 0 && periodMs % HOUR_MS === 0) {
    const times = Array.from({ length: DAY_MS / periodMs }, (_, at) => clock(phase + at * periodMs));
    const hours = periodMs / HOUR_MS;
    return times.length > MOST_TIMES
      ? `every ${hours} hours (from ${times[0] ?? ''} UTC)`
      : `every ${hours} hours (at ${listed(times)} UTC)`;
  }
  const hours = Math.floor(minutes / 60);
  return `every ${hours > 0 ? `${hours} h ` : ''}${minutes % 60} min`;
}

function clock(ms: number): string {
  return `${two((ms % DAY_MS) / HOUR_MS)}:${two((ms % HOUR_MS) / MINUTE_MS)}`;
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}

function listed(texts: readonly string[]): string {
  return `${texts.slice(0, -1).join(', ')} and ${texts.at(-1) ?? ''}`;
}
