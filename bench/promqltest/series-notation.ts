import {
  CounterReset,
  CUSTOM_BUCKETS,
  type Labels,
  labelsOf,
  type NativeHistogram,
  parsePromql,
} from '../../workers/promql/index.ts';
import { addInNotation, subtractInNotation } from './notation-arithmetic.ts';

/** A sample as a script writes it: a float, a histogram, the stale marker, or nothing. */
export type NotedSample =
  | { readonly kind: 'none' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'histogram'; readonly histogram: NativeHistogram; readonly hasHint: boolean };

export interface NotedSeries {
  readonly labels: Labels;
  /** The line holds start timestamps of the series (`metric@st`), as milliseconds beside each sample's time. */
  readonly isStartTimes: boolean;
  readonly samples: readonly NotedSample[];
}

/** One line of a `load` or of an expectation: `metric{a="b"} 1 2+3x4 _ stale {{count:1}}`. */
export function parseSeriesLine(line: string): NotedSeries {
  const { selector, rest } = splitSelector(line);
  const isStartTimes = rest.startsWith('@st');
  const tokens = tokensOf(isStartTimes ? rest.slice('@st'.length) : rest);
  return {
    labels: labelsFrom(selector),
    isStartTimes,
    samples: tokens.flatMap((token) => expand(token, isStartTimes)),
  };
}

const SELECTOR =
  /^(?:[a-zA-Z_:][\w:]*)?(?:\s*\{(?!\{)(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|[^"'`}])*\})?/u;

function splitSelector(line: string): { selector: string; rest: string } {
  const selector = SELECTOR.exec(line)?.[0];
  if (selector === undefined || selector === '') throw new Error(`no series: ${line}`);
  return { selector, rest: line.slice(selector.length).trim() };
}

function labelsFrom(selector: string): Labels {
  if (selector === '{}') return [];
  const expr = parsePromql(selector);
  if (expr.type !== 'vector') throw new Error(`no series: ${selector}`);
  return labelsOf(expr.matchers.map(({ name, value }) => [name, value] as const));
}

/** By spaces, but not within a histogram. */
function tokensOf(text: string): string[] {
  return text.match(/(?:\{\{[^}]*\}\}|[^\s{])+/gu) ?? [];
}

function expand(token: string, isDuration: boolean): NotedSample[] {
  const blanks = /^_(?:x(\d+))?$/u.exec(token);
  if (blanks) return repeat({ kind: 'none' }, Number(blanks[1] ?? 1));
  const stale = /^stale(?:x(\d+))?$/u.exec(token);
  if (stale) return repeat({ kind: 'stale' }, Number(stale[1] ?? 0) + 1);
  if (token.startsWith('{{')) return expandHistograms(token);
  return isDuration ? expandDurations(token) : expandFloats(token);
}

const repeat = (sample: NotedSample, times: number): NotedSample[] =>
  new Array<NotedSample>(times).fill(sample);
const NUMBER = String.raw`[+-]?(?:\d[\d_]*\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf|nan)`;

function expandFloats(token: string): NotedSample[] {
  const match = new RegExp(`^(${NUMBER})(?:([+-])(${NUMBER}))?(?:x(\\d+))?$`, 'iu').exec(token);
  if (match === null) throw new Error(`no value: ${token}`);
  const [, start = '', sign, step = '0', times = '0'] = match;
  const increment = sign === '-' ? -floatOf(step) : floatOf(step);
  return steps(floatOf(start), increment, Number(times));
}

function expandDurations(token: string): NotedSample[] {
  const duration = String.raw`[+-]?(?:(?:\d+(?:ms|[smhd]))+|0)`;
  const match = new RegExp(`^(${duration})(?:([+-])((?:\\d+(?:ms|[smhd]))+))?(?:x(\\d+))?$`, 'u').exec(token);
  if (match === null) throw new Error(`no duration: ${token}`);
  const [, start = '', sign, step = '0', times = '0'] = match;
  const increment = sign === '-' ? -durationMs(step) : durationMs(step);
  return steps(durationMs(start), increment, Number(times));
}

/** The value itself, and as often again as is asked for; summed one by one, as Prometheus does. */
function steps(start: number, increment: number, times: number): NotedSample[] {
  const samples: NotedSample[] = [];
  let value = start;
  for (let at = 0; at <= times; at++) {
    samples.push({ kind: 'float', value });
    value += increment;
  }
  return samples;
}

export function floatOf(text: string): number {
  if (/^[+-]?inf$/iu.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return /^[+-]?nan$/iu.test(text) ? NaN : Number(text.replaceAll('_', ''));
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** `1m30s`; a number without a unit is seconds. */
export function durationMs(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const body = text.replace(/^[+-]/u, '');
  if (/^[\d.]+$/u.test(body)) return sign * Number(body) * 1000;
  let ms = 0;
  for (const [, count, unit] of body.matchAll(/(\d+)(ms|[smhdwy])/gu)) {
    ms += Number(count) * (UNIT_MS[unit ?? ''] ?? NaN);
  }
  return sign * ms;
}

function expandHistograms(token: string): NotedSample[] {
  const match = /^\{\{([^}]*)\}\}(?:([+-])\{\{([^}]*)\}\})?(?:x(\d+))?$/u.exec(token);
  if (match === null) throw new Error(`no histogram: ${token}`);
  const [, base = '', sign, step, times = '0'] = match;
  const increment = step === undefined ? undefined : histogramOf(step);
  // Of a series the hint is taken from the last histogram that was written.
  const hasHint = (step ?? base).includes('counter_reset_hint');
  const samples: NotedSample[] = [];
  let histogram = histogramOf(base);
  for (let at = 0; at <= Number(times); at++) {
    samples.push({ kind: 'histogram', histogram, hasHint });
    if (increment === undefined) continue;
    const combine = sign === '-' ? subtractInNotation : addInNotation;
    histogram = combine(histogram, increment);
  }
  return samples;
}

const HINTS: Readonly<Record<string, CounterReset>> = {
  unknown: CounterReset.unknown,
  reset: CounterReset.reset,
  not_reset: CounterReset.notReset,
  gauge: CounterReset.gauge,
};

function histogramOf(text: string): NativeHistogram {
  const fields = new Map<string, string>();
  for (const [, key = '', list, single] of text.matchAll(/(\w+):(?:\[([^\]]*)\]|(\S+))/gu)) {
    fields.set(key, list ?? single ?? '');
  }
  const number = (key: string): number => floatOf(fields.get(key) ?? '0');
  const numbers = (key: string): number[] => (fields.get(key)?.match(/\S+/gu) ?? []).map(floatOf);
  const side = (key: string, offset: string): NativeHistogram['positive'] => {
    const counts = Float64Array.from(numbers(key));
    return { counts, indexes: Int32Array.from(counts, (_, at) => number(offset) + at) };
  };
  const schema = number('schema');
  return {
    schema,
    counterReset: HINTS[fields.get('counter_reset_hint') ?? 'unknown'] ?? CounterReset.unknown,
    zeroThreshold: number('z_bucket_w'),
    zeroCount: number('z_bucket'),
    count: number('count'),
    sum: number('sum'),
    positive: side('buckets', 'offset'),
    negative: side('n_buckets', 'n_offset'),
    customBounds: Float64Array.from(schema === CUSTOM_BUCKETS ? numbers('custom_values') : []),
  };
}
