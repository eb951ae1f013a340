import type { AnyValueJson, AttributeJson, LogJson, SpanJson } from '../../proto/api/index.ts';
import type {
  NumberBound,
  SearchExpression,
  TextPattern,
  TextTest,
  ValueTest,
  WrittenNumber,
} from '../../proto/query/index.ts';

export type SearchItem = SpanJson | LogJson;

/** Whether an item is meant by a search, found out the plain way, item by item: what the fast ways are held to. */
export function naiveMatches(expression: SearchExpression, item: SearchItem): boolean {
  switch (expression.type) {
    case 'everything':
      return true;
    case 'and':
      return expression.operands.every((operand) => naiveMatches(operand, item));
    case 'or':
      return expression.operands.some((operand) => naiveMatches(operand, item));
    case 'not':
      return !naiveMatches(expression.operand, item);
    case 'text':
      return readTexts(item).some((text) => contains(expression.pattern, text));
    case 'service':
      return passesText(expression.test, item.service[expression.part]);
    case 'scope':
      return passesText(expression.test, item.scope[expression.part]);
    case 'event':
      return isSpan(item) && item.events.some(({ name }) => passesText(expression.test, name));
    case 'link': {
      const { column, hex } = expression;
      return (
        isSpan(item) &&
        item.links.some((link) => (hex === undefined ? link[column] !== '' : link[column] === hex))
      );
    }
    case 'body':
      return !isSpan(item) && passesText(expression.test, valueText(item.body));
    case 'attribute':
      return attributesOf(expression.owner, item).some(
        ({ key, value }) => key === expression.key && passesValue(expression.test, value),
      );
    default:
      return matchesColumn(expression, item);
  }
}

type ColumnExpression = Extract<SearchExpression, { readonly type: 'string' | 'number' | 'duration' | 'id' }>;

function matchesColumn(expression: ColumnExpression, item: SearchItem): boolean {
  if (expression.type === 'duration') {
    if (!isSpan(item)) return false;
    const duration = BigInt.asIntN(64, BigInt(item.endTimeUnixNano) - BigInt(item.startTimeUnixNano));
    return duration >= expression.minNano && duration <= expression.maxNano;
  }
  const value = columnOf(expression.column, item);
  if (value === undefined) return false;
  switch (expression.type) {
    case 'string':
      return passesText(expression.test, String(value));
    case 'number':
      return Number(value) >= expression.min && Number(value) <= expression.max;
    case 'id':
      return expression.hex === undefined ? value !== '' : value === expression.hex;
  }
}

function columnOf(column: string, item: SearchItem): string | number | undefined {
  if (isSpan(item)) {
    if (column === 'statusCode') return item.status.code;
    if (column === 'statusMessage') return item.status.message;
  }
  return (item as unknown as Readonly<Record<string, string | number | undefined>>)[column];
}

export function isSpan(item: SearchItem): item is SpanJson {
  return 'startTimeUnixNano' in item;
}

function readTexts(item: SearchItem): string[] {
  const values = item.attributes.map(({ value }) => valueText(value));
  if (!isSpan(item)) return [item.eventName, valueText(item.body), ...values];
  const events = item.events.flatMap(({ name, attributes }) => [
    name,
    ...attributes.map(({ value }) => valueText(value)),
  ]);
  return [item.name, item.status.message, ...values, ...events];
}

function attributesOf(owner: string, item: SearchItem): readonly AttributeJson[] {
  const events = isSpan(item) ? item.events.flatMap(({ attributes }) => attributes) : [];
  switch (owner) {
    case 'item':
      return item.attributes;
    case 'resource':
      return item.resource.attributes;
    case 'scope':
      return item.scope.attributes;
    case 'event':
      return events;
    default:
      return [...item.attributes, ...item.resource.attributes, ...item.scope.attributes, ...events];
  }
}

function passesText(test: TextTest, text: string): boolean {
  return test.type === 'exists' ? text !== '' : regExpOf(test.pattern, '^', '$').test(text);
}

function passesValue(test: ValueTest, value: AnyValueJson): boolean {
  if (test.type === 'exists') return true;
  const number = 'intValue' in value || 'doubleValue' in value ? valueText(value) : undefined;
  if (test.type === 'pattern') {
    if (number !== undefined && test.number && apart(value, number, test.number) === 0) return true;
    return regExpOf(test.pattern, '^', '$').test(valueText(value));
  }
  const spelt =
    'stringValue' in value && /^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$/.test(value.stringValue)
      ? value.stringValue
      : number;
  if (spelt === undefined || Number.isNaN(Number(spelt))) return false;
  return isAbove(test.min, value, spelt) && isBelow(test.max, value, spelt);
}

function isAbove(min: NumberBound | undefined, value: AnyValueJson, spelt: string): boolean {
  if (!min) return true;
  return min.isInclusive ? apart(value, spelt, min) >= 0 : apart(value, spelt, min) > 0;
}

function isBelow(max: NumberBound | undefined, value: AnyValueJson, spelt: string): boolean {
  if (!max) return true;
  return max.isInclusive ? apart(value, spelt, max) <= 0 : apart(value, spelt, max) < 0;
}

/** Whole numbers exactly, others as doubles. */
function apart(from: AnyValueJson, spelt: string, { value, whole }: WrittenNumber): number {
  if (whole !== undefined && !('doubleValue' in from) && /^-?\d{1,30}$/.test(spelt)) {
    return Number(BigInt(spelt) - whole);
  }
  return Number(spelt) === value ? 0 : Number(spelt) - value;
}

function contains(pattern: TextPattern, text: string): boolean {
  const folded = pattern.map((part) => (part.type === 'literal' ? { ...part, text: fold(part.text) } : part));
  return regExpOf(folded, '', '').test(fold(text));
}

function fold(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function regExpOf(pattern: TextPattern, start: string, end: string): RegExp {
  const body = pattern.map((part) => {
    if (part.type === 'literal') return part.text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    return part.type === 'any' ? '.*' : '.';
  });
  return new RegExp(`${start}${body.join('')}${end}`, 'su');
}

/** See `anyValueText`; from JSON. */
export function valueText(value: AnyValueJson): string {
  if ('stringValue' in value) return value.stringValue;
  if ('boolValue' in value) return String(value.boolValue);
  if ('intValue' in value) return value.intValue;
  if ('doubleValue' in value) return String(value.doubleValue);
  if ('bytesValue' in value) return value.bytesValue;
  if ('arrayValue' in value || 'kvlistValue' in value) return jsonText(value);
  return '';
}

function jsonText(value: AnyValueJson): string {
  if ('arrayValue' in value) return `[${value.arrayValue.values.map(jsonText).join(',')}]`;
  if ('kvlistValue' in value) {
    const members = value.kvlistValue.values.map(
      ({ key, value: of }) => `${JSON.stringify(key)}:${jsonText(of)}`,
    );
    return `{${members.join(',')}}`;
  }
  if ('intValue' in value) return value.intValue;
  if ('doubleValue' in value) return JSON.stringify(value.doubleValue);
  if ('boolValue' in value) return String(value.boolValue);
  return Object.keys(value).length === 0 ? 'null' : JSON.stringify(valueText(value));
}

/** By which an item is found. */
export function naiveTime(item: SearchItem): bigint {
  if (isSpan(item)) return BigInt(item.startTimeUnixNano);
  const time = BigInt(item.timeUnixNano);
  return time === 0n ? BigInt(item.observedTimeUnixNano) : time;
}
