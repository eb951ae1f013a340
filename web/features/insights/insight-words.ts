import type { InsightJson } from '../../../proto/api/index.ts';
import { formatBytes, formatCount, formatDurationMs, formatRate } from '../../ui/format.ts';
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

/** The time that an insight, or an answer like one, is about, with what was before it; Unix ms. */
export function spanOf(insight: Pick<InsightJson, 'startedUnixMs' | 'updatedUnixMs' | 'endedUnixMs'>): {
  readonly fromMs: number;
  readonly toMs: number;
} {
  const endMs = insight.endedUnixMs ?? insight.updatedUnixMs;
  const leadMs = Math.max(600_000, (endMs - insight.startedUnixMs) / 2);
  return { fromMs: insight.startedUnixMs - leadMs, toMs: endMs + 300_000 };
}

const UNIT_WORDS: Readonly<Record<string, string>> = { '{cpu}': 'cores', '{connection}': 'connections' };

/** What a tip saves, in its unit; `By/d` is bytes a day. */
export function savingText(value: number, unit: string): string {
  if (unit === 'By') return formatBytes(value);
  if (unit === 'By/d') return `${formatBytes(value)} a day`;
  return `${formatCount(value)} ${UNIT_WORDS[unit] ?? unit}`;
}

/** In the place of a saving that is not known. What is too small costs more when it is mended. */
export function withoutSaving(category: string): string {
  return category.endsWith('-too-small')
    ? 'It saves nothing, but what goes wrong.'
    : 'What it saves cannot be estimated.';
}
