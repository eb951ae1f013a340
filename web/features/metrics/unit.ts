import { formatBytes, formatCount, formatDurationNs, formatRate, formatRatio } from '../../ui/format.ts';
import type { Drawn } from './series-values.ts';

const NS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  min: 60e9,
  h: 3_600e9,
};

/** UCUM units as OpenTelemetry writes them: durations, bytes and shares are humanised, others named. */
function formatInUnit(value: number, unit: string): string {
  const ns = NS_PER_UNIT[unit];
  if (ns !== undefined) return formatDurationNs(value * ns);
  if (unit === 'By') return formatBytes(value);
  if (unit === '1') return formatRatio(value);
  const name = /^\{(.*)\}$/.exec(unit)?.[1] ?? unit;
  return name === '' ? formatCount(value) : `${formatCount(value)} ${name}`;
}

export function formatterOf(unit: string, drawn: Drawn): (value: number) => string {
  if (drawn !== 'rate') return (value) => formatInUnit(value, unit);
  if (unit === 'By') return (value) => `${formatBytes(value)}/s`;
  return (value) => formatRate(value);
}
