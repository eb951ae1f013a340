import { formatClock, formatDateTime, type TimeZone } from '../ui/format.ts';

const STEPS_MS = [
  1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000,
  3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000, 604_800_000,
];

/** The smallest step that gives at most `most` ticks. */
export function tickStepMs(lengthMs: number, most: number): number {
  return (
    STEPS_MS.find((step) => lengthMs / step <= most) ?? Math.ceil(lengthMs / most / 604_800_000) * 604_800_000
  );
}

/** Round moments of the zone that is shown, within the bounds. */
export function timeTicks(fromMs: number, toMs: number, most: number, zone: TimeZone): number[] {
  const step = tickStepMs(toMs - fromMs, most);
  const shift = zone === 'utc' ? 0 : new Date(fromMs).getTimezoneOffset() * 60_000;
  const ticks: number[] = [];
  for (let at = Math.ceil((fromMs - shift) / step) * step + shift; at <= toMs; at += step) ticks.push(at);
  return ticks;
}

export function tickLabel(ms: number, lengthMs: number, zone: TimeZone): string {
  if (lengthMs > 2 * 86_400_000) return formatDateTime(ms, zone).slice(5, 16);
  const clock = formatClock(ms, zone);
  return lengthMs > 600_000 ? clock.slice(0, 5) : clock;
}
