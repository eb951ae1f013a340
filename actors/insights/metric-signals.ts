import type { SignalKind } from './watched-series.ts';

/** Words of OpenTelemetry's semantic conventions for metrics, by what they measure. */
const WORDS: readonly (readonly [SignalKind, RegExp])[] = [
  ['memory', /\b(memory|heap|rss|swap)\b/],
  ['cpu', /\b(cpu|load)\b/],
  ['disk', /\b(disk|filesystem|volume)\b/],
  ['network', /\b(network|net|connections?)\b/],
  ['latency', /\b(duration|latency)\b/],
  ['errors', /\b(errors?|failures?|exceptions?)\b/],
  ['requests', /\brequests?\b/],
];

/** What a metric measures, as far as its name says so by the conventions. */
export function signalOfMetric(name: string): SignalKind {
  const words = name.toLowerCase().replaceAll(/[._/:-]/g, ' ');
  return WORDS.find(([, pattern]) => pattern.test(words))?.[0] ?? 'other';
}
