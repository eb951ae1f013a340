import type { WatchedSeries } from './watched-series.ts';

/** What a series does, as the rest of a sentence that begins with its service. */
export function describeSeries(series: WatchedSeries): string {
  const { observed, expected } = series;
  if (series.detector === 'silence') return describeSilence(series);
  const subject = series.peer === '' ? short(series.operation) : `calls to ${short(series.peerName)}`;
  switch (series.test) {
    case 'share':
      return observed >= 0.95
        ? `all ${subject} fail (usually ${percent(expected)})`
        : `${percent(observed)} of ${subject} fail (usually ${percent(expected)})`;
    case 'durations': {
      const verb = series.peer === '' ? 'is' : 'are';
      const times = figure(observed / Math.max(expected, 1));
      return `${subject} ${verb} ${times} times slower (${duration(observed)}, usually ${duration(expected)})`;
    }
    case 'count':
      return describeCount(series);
    case 'point':
      return `${short(series.name)} is ${quantity(observed, series.unit)} (usually ${quantity(expected, series.unit)})`;
  }
}

function describeSilence({ name, observed, expected }: WatchedSeries): string {
  const rhythm = `came every ${figure(expected)} s before`;
  if (name === 'everything') {
    return `nothing is received any more for ${figure(observed)} s, of any service (${rhythm})`;
  }
  return `${name === '' ? '' : `${short(name)} `}stopped reporting ${figure(observed)} s ago, ${rhythm}`;
}

function describeCount(series: WatchedSeries): string {
  const { source, name, observed, expected, labels } = series;
  const what =
    source === 'spans'
      ? requests(series)
      : source === 'logs'
        ? `log records of severity ${labels['severity'] ?? 'unset'}`
        : short(name);
  const rates = `${figure(observed)}/s, usually ${figure(expected)}/s`;
  if (observed < 0.02 * expected) return `no ${what} any more (${rates})`;
  if (observed < expected) return `${what} fell to ${percent(observed / expected)} of the usual (${rates})`;
  if (expected <= 0.001) return `${what} that never came before (${figure(observed)}/s)`;
  return `${figure(observed / expected)} times as many ${what} (${rates})`;
}

function requests({ operation, peer, peerName }: WatchedSeries): string {
  if (peer !== '') return `calls to ${short(peerName)}`;
  return operation === '' ? 'requests' : `requests of ${short(operation)}`;
}

export function percent(share: number): string {
  const value = 100 * share;
  return `${value > 0 && value < 1 ? value.toPrecision(1) : Math.round(value)} %`;
}

export function duration(nanos: number): string {
  if (nanos >= 1e9) return `${figure(nanos / 1e9)} s`;
  if (nanos >= 1e6) return `${figure(nanos / 1e6)} ms`;
  return `${figure(nanos / 1e3)} µs`;
}

function quantity(value: number, unit: string): string {
  if (unit !== 'By') return `${figure(value)}${unit === '' || unit === '1' ? '' : ` ${unit}`}`;
  const power = Math.max(0, Math.min(4, Math.floor(Math.log10(Math.max(1, Math.abs(value))) / 3)));
  return `${figure(value / 10 ** (3 * power))} ${['B', 'kB', 'MB', 'GB', 'TB'][power] ?? 'B'}`;
}

export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 100 && Math.abs(value) < 1e6
    ? String(Math.round(value))
    : String(Number(value.toPrecision(2)));
}

const LONGEST_TEXT = 120;

/** Names are whatever senders make them. */
export function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT - 1)}…` : line;
}
