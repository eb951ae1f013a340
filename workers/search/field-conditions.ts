import {
  MOST_WHOLE_DIGITS,
  type AttributeOwner,
  type NumberBound,
  type SearchExpression,
  type SearchSignal,
  type TextTest,
  type WrittenNumber,
} from '../../proto/query/index.ts';
import type { Value } from './line-reader.ts';

/** How a field and its value are joined. */
export type Comparison =
  | { readonly type: 'is'; readonly value: Value }
  | { readonly type: 'range'; readonly min?: RangeEnd; readonly max?: RangeEnd };

export interface RangeEnd {
  readonly value: Value;
  readonly isInclusive: boolean;
}

/** Refuses a value: what was expected in its place. */
export type Refuse = (value: Value, expected: string) => never;

export interface FieldName {
  readonly text: string;
  /** Written with `@`: an attribute, whatever its name. */
  readonly isAttribute: boolean;
  readonly position: number;
}

type Condition = (comparison: Comparison, refuse: Refuse) => SearchExpression;

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const STATUSES = ['unset', 'ok', 'error'];
/** The first severity number of each; each has four. */
const LEVELS: ReadonlyMap<string, number> = new Map([
  ['trace', 1],
  ['debug', 5],
  ['info', 9],
  ['warn', 13],
  ['error', 17],
  ['fatal', 21],
]);
const MOST_U8 = 255;
const LEAST_INT64 = -(2n ** 63n);
const MOST_INT64 = 2n ** 63n - 1n;
const NANOS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
const BYTES: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

const COMMON: Readonly<Record<string, Condition>> = {
  service: text((test) => ({ type: 'service', part: 'name', test })),
  namespace: text((test) => ({ type: 'service', part: 'namespace', test })),
  environment: text((test) => ({ type: 'service', part: 'environment', test })),
  trace: id((hex) => ({ type: 'id', column: 'traceId', ...hex }), 32),
  span: id((hex) => ({ type: 'id', column: 'spanId', ...hex }), 16),
  'scope.name': text((test) => ({ type: 'scope', part: 'name', test })),
  'scope.version': text((test) => ({ type: 'scope', part: 'version', test })),
};
const event: Readonly<Record<SearchSignal, Condition>> = {
  traces: text((test) => ({ type: 'event', test })),
  logs: text((test) => ({ type: 'string', column: 'eventName', test })),
};

/** Well-known fields; every other name is an attribute's. */
const FIELDS: Readonly<Record<SearchSignal, Readonly<Record<string, Condition>>>> = {
  traces: {
    ...COMMON,
    name: text((test) => ({ type: 'string', column: 'name', test })),
    kind: words('kind', KINDS),
    status: words('statusCode', STATUSES),
    'status.message': text((test) => ({ type: 'string', column: 'statusMessage', test })),
    duration,
    parent: id((hex) => ({ type: 'id', column: 'parentSpanId', ...hex }), 16),
    'link.trace': id((hex) => ({ type: 'link', column: 'traceId', ...hex }), 32),
    'link.span': id((hex) => ({ type: 'link', column: 'spanId', ...hex }), 16),
    event: event.traces,
    'event.name': event.traces,
  },
  logs: {
    ...COMMON,
    level,
    severity: level,
    'severity.text': text((test) => ({ type: 'string', column: 'severityText', test })),
    body: text((test) => ({ type: 'body', test })),
    event: event.logs,
    'event.name': event.logs,
  },
};

const OWNERS: Readonly<Record<SearchSignal, Readonly<Record<string, AttributeOwner>>>> = {
  traces: { 'resource.': 'resource', 'scope.': 'scope', 'event.': 'event', 'span.': 'item' },
  logs: { 'resource.': 'resource', 'scope.': 'scope', 'log.': 'item' },
};

export function fieldCondition(
  signal: SearchSignal,
  name: FieldName,
  comparison: Comparison,
  refuse: Refuse,
): SearchExpression {
  // Of its own: an attribute may be named as what every object has, such as `constructor`.
  const isField = !name.isAttribute && Object.hasOwn(FIELDS[signal], name.text);
  const field = isField ? FIELDS[signal][name.text] : undefined;
  if (field) return field(comparison, refuse);
  const { owner, key } = attributeOf(signal, name);
  return attribute(owner, key, comparison, refuse);
}

/** Whose attribute a name that is no field's means. */
export function attributeOf(
  signal: SearchSignal,
  { text: name, isAttribute }: Pick<FieldName, 'text' | 'isAttribute'>,
): { readonly owner: AttributeOwner; readonly key: string } {
  if (!isAttribute) {
    for (const [prefix, owner] of Object.entries(OWNERS[signal])) {
      if (name.startsWith(prefix) && name.length > prefix.length) {
        return { owner, key: name.slice(prefix.length) };
      }
    }
  }
  return { owner: 'any', key: name };
}

function isAnything({ pattern, isQuoted }: Value): boolean {
  return !isQuoted && pattern.length === 1 && pattern[0]?.type === 'any';
}

function text(make: (test: TextTest) => SearchExpression): Condition {
  return (comparison, refuse) => {
    if (comparison.type === 'range') return refuse(endOf(comparison), 'a text: this field is not a number');
    const { value } = comparison;
    return make(isAnything(value) ? { type: 'exists' } : { type: 'pattern', pattern: value.pattern });
  };
}

function endOf({ min, max }: Extract<Comparison, { type: 'range' }>): Value {
  const end = min ?? max;
  if (!end) throw new Error('a range has an end');
  return end.value;
}

function id(make: (hex: { readonly hex?: string }) => SearchExpression, digits: number): Condition {
  return (comparison, refuse) => {
    const expected = `${digits} hexadecimal digits, or *`;
    if (comparison.type === 'range') return refuse(endOf(comparison), expected);
    const { value } = comparison;
    if (isAnything(value)) return make({});
    if (!/^[0-9a-f]+$/i.test(value.text) || value.text.length !== digits) return refuse(value, expected);
    return make({ hex: value.text.toLowerCase() });
  };
}

/** Numbers that have names. */
function words(column: 'kind' | 'statusCode', names: readonly string[]): Condition {
  return (comparison, refuse) => {
    const expected = `one of ${names.join(', ')}`;
    if (comparison.type === 'range') return refuse(endOf(comparison), `${expected}, behind a colon`);
    const { value } = comparison;
    if (isAnything(value)) return { type: 'number', column, min: 1, max: MOST_U8 };
    const code = names.indexOf(value.text.toLowerCase());
    return code < 0 ? refuse(value, expected) : { type: 'number', column, min: code, max: code };
  };
}

function level(comparison: Comparison, refuse: Refuse): SearchExpression {
  const span = (value: Value): { min: number; max: number } => {
    const first = LEVELS.get(value.text.toLowerCase());
    if (first !== undefined) return { min: first, max: first + 3 };
    if (!/^\d{1,2}$/.test(value.text) || Number(value.text) > 24) {
      return refuse(value, `one of ${[...LEVELS.keys()].join(', ')}, or a number from 0 to 24`);
    }
    return { min: Number(value.text), max: Number(value.text) };
  };
  const column = 'severityNumber';
  if (comparison.type === 'is') {
    if (isAnything(comparison.value)) return { type: 'number', column, min: 1, max: MOST_U8 };
    return { type: 'number', column, ...span(comparison.value) };
  }
  const { min, max } = comparison;
  const least = min && span(min.value);
  const most = max && span(max.value);
  return {
    type: 'number',
    column,
    min: least ? (min.isInclusive ? least.min : least.max + 1) : 0,
    max: most ? (max.isInclusive ? most.max : most.min - 1) : MOST_U8,
  };
}

function duration(comparison: Comparison, refuse: Refuse): SearchExpression {
  const nanos = (value: Value): number => {
    const found = /^(-?\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)$/.exec(value.text);
    if (!found) return refuse(value, 'a duration such as 500ms, 1.5s or 2m');
    return Number(found[1]) * (NANOS[found[2] ?? ''] ?? 0);
  };
  if (comparison.type === 'is') {
    if (isAnything(comparison.value)) return { type: 'duration', minNano: LEAST_INT64, maxNano: MOST_INT64 };
    const exact = nanos(comparison.value);
    return { type: 'duration', minNano: int64(Math.ceil(exact)), maxNano: int64(Math.floor(exact)) };
  }
  const { min, max } = comparison;
  const least = min && nanos(min.value);
  const most = max && nanos(max.value);
  return {
    type: 'duration',
    minNano:
      least === undefined ? LEAST_INT64 : int64(min?.isInclusive ? Math.ceil(least) : Math.floor(least) + 1),
    maxNano:
      most === undefined ? MOST_INT64 : int64(max?.isInclusive ? Math.floor(most) : Math.ceil(most) - 1),
  };
}

function int64(value: number): bigint {
  if (value >= 2 ** 63) return MOST_INT64;
  return value <= -(2 ** 63) ? LEAST_INT64 : BigInt(value);
}

function attribute(
  owner: AttributeOwner,
  key: string,
  comparison: Comparison,
  refuse: Refuse,
): SearchExpression {
  if (comparison.type === 'is') {
    const { value } = comparison;
    if (isAnything(value)) return { type: 'attribute', owner, key, test: { type: 'exists' } };
    const { pattern } = value;
    // Whole numbers are found by their digits, all of them.
    const number = value.isQuoted || /^-?\d+$/.test(value.text) ? undefined : numberOf(value.text);
    return {
      type: 'attribute',
      owner,
      key,
      test: { type: 'pattern', pattern, ...(number === undefined ? {} : { number }) },
    };
  }
  const bound = (end: RangeEnd | undefined): NumberBound | undefined => {
    if (!end) return undefined;
    const value = numberOf(end.value.text);
    if (value === undefined) return refuse(end.value, 'a number such as 42, 0.5, 1e6 or 10KiB');
    return { ...value, isInclusive: end.isInclusive };
  };
  const [min, max] = [bound(comparison.min), bound(comparison.max)];
  const test = { type: 'range', ...(min ? { min } : {}), ...(max ? { max } : {}) } as const;
  return { type: 'attribute', owner, key, test };
}

function numberOf(written: string): WrittenNumber | undefined {
  const found = /^(-?\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?([KMGT]i?B|B|)$/.exec(written);
  if (!found) return undefined;
  const [, digits = '', fraction = '', exponent = '0', unit = ''] = found;
  const times = BYTES[unit] ?? NaN;
  const value = Number(`${digits}.${fraction}e${exponent}`) * times;
  if (!Number.isFinite(value)) return undefined;
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return { value };
  const shift = Number(exponent) - fraction.length;
  if (shift < 0 || Math.abs(value) >= 10 ** MOST_WHOLE_DIGITS) return { value };
  const whole = BigInt(digits + fraction) * 10n ** BigInt(shift) * BigInt(times);
  return { value: Number(whole), whole };
}
