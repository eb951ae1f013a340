import type { InsightJson } from '../../../proto/api/index.ts';
import { formatBytes, formatDurationMs, formatRate } from '../../ui/format.ts';
import { formatterOf } from '../metrics/unit.ts';

export const KIND_LABELS: Readonly<Record<InsightJson['kind'], string>> = {
  anomaly: 'Anomaly',
  pattern: 'Pattern',
  forecast: 'Forecast',
  tip: 'Tip',
};

export const SEVERITY_LABELS: Readonly<Record<InsightJson['severity'], string>> = {
  critical: 'Critical',
  warning: 'Warning',
  info: 'Info',
};

/** `for 12 min`, or `for 12 min, over`. */
export function lastingText(insight: InsightJson, nowMs: number): string {
  const { state, startedUnixMs, endedUnixMs, updatedUnixMs } = insight;
  const endMs = state === 'open' ? nowMs : (endedUnixMs ?? updatedUnixMs);
  const lasting = `for ${formatDurationMs(Math.max(0, endMs - startedUnixMs))}`;
  return state === 'open' ? lasting : `${lasting}, over`;
}

/** Of a signal's values; a unit that ends in `/s` is a rate. */
export function signalFormat(unit: string): (value: number) => string {
  if (!unit.endsWith('/s')) return formatterOf(unit, 'value');
  return unit === 'By/s' ? (value) => `${formatBytes(value)}/s` : formatRate;
}

/** The time that an insight is about, with what was before it; Unix ms. */
export function spanOf(insight: InsightJson): { readonly fromMs: number; readonly toMs: number } {
  const endMs = insight.endedUnixMs ?? insight.updatedUnixMs;
  const leadMs = Math.max(600_000, (endMs - insight.startedUnixMs) / 2);
  return { fromMs: insight.startedUnixMs - leadMs, toMs: endMs + 300_000 };
}
