import type { StreamMetric } from './otlp-stream.ts';

/** Maps: a unit is whatever a sender writes, `constructor` too, which every object has. */
const UNITS: ReadonlyMap<string, string> = mapOf({
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tibibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '1': '',
  '%': 'percent',
});
const PER_UNITS: ReadonlyMap<string, string> = mapOf({
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
});

/**
 * The name of a metric as the OpenTelemetry–Prometheus specification and Prometheus' own OTLP receiver spell it:
 * letters, digits and underscores, the unit behind it, `_total` for counters, `_ratio` for gauges of unit 1.
 */
export function prometheusMetricName({ name, unit, kind, isMonotonic }: StreamMetric): string {
  const tokens = name.split(/[^A-Za-z0-9:]+/u).filter((token) => token !== '');
  for (const word of unitWords(unit)) {
    if (!tokens.includes(word)) tokens.push(word);
  }
  const isCounter = kind === 'sum' && isMonotonic;
  const suffix = isCounter ? 'total' : unit === '1' && kind === 'gauge' ? 'ratio' : undefined;
  const words = suffix === undefined ? tokens : [...tokens.filter((token) => token !== suffix), suffix];
  const spelled = words.join('_');
  return /^\d/u.test(spelled) ? `_${spelled}` : spelled;
}

function unitWords(unit: string): string[] {
  const [main = '', ...per] = unit.split('/').map((part) => part.trim());
  const words: string[] = [];
  // Braces hold annotations, such as {request}.
  if (!main.includes('{')) words.push(...cleanWords(UNITS.get(main) ?? main));
  const divisor = per.join('/');
  if (divisor !== '' && !divisor.includes('{')) {
    const clean = cleanWords(PER_UNITS.get(divisor) ?? divisor);
    if (clean.length > 0) words.push('per', ...clean);
  }
  return words;
}

function mapOf(words: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(words));
}

const cleanWords = (text: string): string[] => text.split(/[^A-Za-z0-9:]+/u).filter((word) => word !== '');

/** The name of an attribute as a label. */
export function prometheusLabelName(key: string): string {
  const clean = key.replace(/[^A-Za-z0-9_]/gu, '_');
  if (/^\d/u.test(clean)) return `key_${clean}`;
  return clean.startsWith('_') && !clean.startsWith('__') ? `key${clean}` : clean;
}
