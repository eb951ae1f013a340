/** Numbers and times as people read them. Every text has its unit; `exact…` gives what a tooltip shows. */

const ABSENT = '–';
const grouped = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 3 });

/** Three significant digits, without a trailing `.0`. */
function digits(value: number): string {
  const size = Math.abs(value);
  const text = size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(2);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function longDuration(totalSeconds: number): string {
  const seconds = Math.round(totalSeconds);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
  return `${digits(seconds / 86_400)} d`;
}

export function formatDurationNs(ns: number): string {
  if (!Number.isFinite(ns)) return ABSENT;
  if (ns < 0) return `−${formatDurationNs(-ns)}`;
  if (ns === 0) return '0 ms';
  if (ns < 1_000) return `${digits(ns)} ns`;
  if (ns < 999_500) return `${digits(ns / 1e3)} µs`;
  if (ns < 999_500_000) return `${digits(ns / 1e6)} ms`;
  if (ns < 60e9) return `${digits(ns / 1e9)} s`;
  return longDuration(ns / 1e9);
}

export const formatDurationMs = (ms: number): string => formatDurationNs(ms * 1e6);

export function exactDurationMs(ms: number): string {
  return Number.isFinite(ms) ? `${grouped.format(ms)} ms` : 'no requests';
}

const STEPS = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** 1,234 → 1.23k. Whole numbers below 1,000 stay as they are. */
export function formatCount(value: number): string {
  if (!Number.isFinite(value)) return ABSENT;
  for (const [size, letter] of STEPS) {
    if (Math.abs(value) >= size * 0.9995) return `${digits(value / size)}${letter}`;
  }
  return digits(value);
}

export const exactCount = (value: number): string => grouped.format(value);

export function formatRate(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return ABSENT;
  if (perSecond > 0 && perSecond < 0.01) return '<0.01/s';
  return `${formatCount(perSecond)}/s`;
}

export function formatRatio(ratio: number): string {
  if (!Number.isFinite(ratio)) return ABSENT;
  const percent = ratio * 100;
  if (percent === 0) return '0 %';
  if (percent < 0.01) return '<0.01 %';
  if (percent > 99.99 && percent < 100) return '>99.99 %';
  return `${digits(percent)} %`;
}

export const formatApdex = (apdex: number): string => (Number.isFinite(apdex) ? apdex.toFixed(2) : ABSENT);

export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${digits(bytes / 1_024 ** power)} ${units[power] ?? 'B'}`;
}

export type TimeZone = 'local' | 'utc';

const two = (value: number) => String(value).padStart(2, '0');

interface DateParts {
  readonly date: string;
  /** hh:mm:ss */
  readonly time: string;
}

function partsOf(ms: number, zone: TimeZone): DateParts {
  const at = new Date(ms);
  if (zone === 'utc') {
    const iso = at.toISOString();
    return { date: iso.slice(0, 10), time: iso.slice(11, 19) };
  }
  return {
    date: `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
    time: `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`,
  };
}

export function formatClock(ms: number, zone: TimeZone): string {
  return partsOf(ms, zone).time;
}

export function formatDateTime(ms: number, zone: TimeZone): string {
  const { date, time } = partsOf(ms, zone);
  return `${date} ${time}${zone === 'utc' ? ' UTC' : ''}`;
}

/** `2026-03-01 12:00:00.123456789`, to the nanosecond; '–' for 0, which is OTLP's "unknown". */
export function formatTimeNs(unixNano: string, zone: TimeZone): string {
  if (!/^\d{1,20}$/.test(unixNano) || /^0+$/.test(unixNano)) return ABSENT;
  const ns = BigInt(unixNano);
  const ms = Number(ns / 1_000_000n);
  if (ms > 8.64e15) return unixNano;
  const { date, time } = partsOf(ms, zone);
  return `${date} ${time}.${String(ns % 1_000_000_000n).padStart(9, '0')}`;
}

/** `12:00:00.123`. */
export function formatClockMs(unixNano: string, zone: TimeZone): string {
  return formatTimeNs(unixNano, zone).slice(11, 23);
}

export const msOfNano = (unixNano: string): number => Number(BigInt(unixNano || '0') / 1_000_000n);

/** `12 s ago`. */
export function formatAgo(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}
