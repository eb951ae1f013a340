/**
 * A stretch of time as the URL holds it and the API takes it: moments are `now`, `now-15m` or Unix ms.
 */
export interface TimeRange {
  readonly from: string;
  readonly to: string;
}

export const USUAL_RANGE: TimeRange = { from: 'now-15m', to: 'now' };

export const RELATIVE_RANGES = [
  { from: 'now-5m', label: 'Last 5 minutes' },
  { from: 'now-15m', label: 'Last 15 minutes' },
  { from: 'now-1h', label: 'Last hour' },
  { from: 'now-3h', label: 'Last 3 hours' },
  { from: 'now-12h', label: 'Last 12 hours' },
  { from: 'now-1d', label: 'Last 24 hours' },
  { from: 'now-7d', label: 'Last 7 days' },
  { from: 'now-30d', label: 'Last 30 days' },
] as const;

const MS_PER: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Unix ms of a moment; undefined when the text is none. */
export function momentMs(text: string, nowMs: number): number | undefined {
  const relative = /^now(?:-(\d{1,6})(ms|s|m|h|d))?$/.exec(text);
  if (relative !== null) return nowMs - Number(relative[1] ?? 0) * (MS_PER[relative[2] ?? 's'] ?? 0);
  return /^\d{13}$/.test(text) ? Number(text) : undefined;
}

export const isRelative = (range: TimeRange): boolean => range.to === 'now';

/** What the URL says, or the usual range when it says nothing that can be read. */
export function rangeFromUrl(from: string | undefined, to: string | undefined): TimeRange {
  const range = { from: from ?? USUAL_RANGE.from, to: to ?? USUAL_RANGE.to };
  const [start, end] = [momentMs(range.from, 1e12), momentMs(range.to, 1e12)];
  const isBothAbsolute = !range.from.startsWith('now') && !range.to.startsWith('now');
  if (start === undefined || end === undefined || (isBothAbsolute && start >= end)) return USUAL_RANGE;
  return range;
}

export function boundsOf(
  range: TimeRange,
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: momentMs(range.from, nowMs) ?? nowMs - 900_000, toMs: momentMs(range.to, nowMs) ?? nowMs };
}

export function absoluteRange(fromMs: number, toMs: number): TimeRange {
  const start = Math.floor(Math.min(fromMs, toMs));
  return { from: String(start), to: String(Math.max(start + 1, Math.ceil(Math.max(fromMs, toMs)))) };
}

/** Twice as long around the same middle, and never into the future. */
export function zoomedOut(range: TimeRange, nowMs: number): TimeRange {
  const { fromMs, toMs } = boundsOf(range, nowMs);
  const half = (toMs - fromMs) / 2;
  const end = Math.min(nowMs, toMs + half);
  return absoluteRange(end - half * 4, end);
}

/** As long as it is, one length earlier or later. */
export function shifted(range: TimeRange, nowMs: number, direction: -1 | 1): TimeRange {
  const { fromMs, toMs } = boundsOf(range, nowMs);
  const length = toMs - fromMs;
  const end = Math.min(nowMs, toMs + direction * length);
  return absoluteRange(end - length, end);
}
