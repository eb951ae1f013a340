import type { AttributeJson } from '../../proto/api/index.ts';
import type { AggregateQuery, GroupField, GroupKey, NumberField } from '../../proto/query/index.ts';
import { isSpan, naiveMatches, naiveTime, valueText, type SearchItem } from './naive-search.ts';

/** A group within a time bucket, with all its numbers and texts. */
export interface NaiveCell {
  readonly key: GroupKey;
  readonly bucket: number;
  count: number;
  readonly numbers: readonly number[][];
  readonly texts: readonly Set<string>[];
}

const NAMES: Readonly<Record<string, readonly string[]>> = {
  kind: ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'],
  statusCode: ['unset', 'ok', 'error'],
  severityNumber: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
};

/** What an aggregate says, found out item by item. */
export function naiveAggregate(query: AggregateQuery, items: readonly SearchItem[]): NaiveCell[] {
  const cells = new Map<string, NaiveCell>();
  for (const item of items) {
    const time = naiveTime(item);
    const { fromUnixNano, toUnixNano } = query.range;
    if (time < fromUnixNano || time >= toUnixNano || !naiveMatches(query.search, item)) continue;
    const key = query.groupBy.map((field) => naiveText(field, item));
    const bucket = query.bucketNano === undefined ? 0 : Number((time - fromUnixNano) / query.bucketNano);
    const name = JSON.stringify([bucket, ...key]);
    let cell = cells.get(name);
    if (!cell) {
      cell = {
        key,
        bucket,
        count: 0,
        numbers: query.numbers.map(() => []),
        texts: query.distincts.map(() => new Set<string>()),
      };
      cells.set(name, cell);
    }
    cell.count += 1;
    for (const [index, field] of query.numbers.entries()) {
      const number = naiveNumber(field, item);
      if (number !== undefined) cell.numbers[index]?.push(number);
    }
    for (const [index, field] of query.distincts.entries()) {
      const text = naiveText(field, item);
      if (text !== null) cell.texts[index]?.add(text);
    }
  }
  return [...cells.values()];
}

function naiveText(field: GroupField, item: SearchItem): string | null {
  switch (field.type) {
    case 'service':
      return item.service[field.part] || null;
    case 'scope':
      return item.scope[field.part] || null;
    case 'trace':
      return item.traceId || null;
    case 'attribute': {
      const found = ownersOf(field.owner, item).find(({ key }) => key === field.key);
      return found ? valueText(found.value) : null;
    }
    case 'string': {
      const text = isSpan(item)
        ? { name: item.name, statusMessage: item.status.message, severityText: '', eventName: '' }
        : { name: '', statusMessage: '', severityText: item.severityText, eventName: item.eventName };
      return text[field.column] || null;
    }
    case 'number':
      return naiveName(field.column, item);
  }
}

function naiveName(column: 'kind' | 'statusCode' | 'severityNumber', item: SearchItem): string | null {
  const code = isSpan(item)
    ? { kind: item.kind, statusCode: item.status.code, severityNumber: undefined }[column]
    : { kind: undefined, statusCode: undefined, severityNumber: item.severityNumber }[column];
  if (code === undefined || (column === 'severityNumber' && code === 0)) return null;
  const place = column === 'severityNumber' ? Math.floor((code - 1) / 4) : code;
  return NAMES[column]?.[place] ?? String(code);
}

function naiveNumber(field: NumberField, item: SearchItem): number | undefined {
  if (field.type === 'duration') {
    if (!isSpan(item)) return undefined;
    return Number(BigInt(item.endTimeUnixNano) - BigInt(item.startTimeUnixNano));
  }
  for (const { key, value } of ownersOf(field.owner, item)) {
    if (key !== field.key) continue;
    const isNumber = 'intValue' in value || 'doubleValue' in value;
    const isSpelt =
      'stringValue' in value && /^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$/.test(value.stringValue);
    const number = isNumber || isSpelt ? Number(valueText(value)) : NaN;
    if (Number.isFinite(number)) return number;
  }
  return undefined;
}

function ownersOf(owner: string, { attributes, resource, scope }: SearchItem): readonly AttributeJson[] {
  if (owner === 'item') return attributes;
  if (owner === 'resource') return resource.attributes;
  if (owner === 'scope') return scope.attributes;
  return [...attributes, ...resource.attributes, ...scope.attributes];
}

/** Counts of values by field, `[field, value, counts of each selection]`; of lists of items that were selected. */
export function naiveValueCounts(
  selections: readonly (readonly SearchItem[])[],
): (readonly [string, string, number[]])[] {
  const counts = new Map<string, number[]>();
  for (const [selection, items] of selections.entries()) {
    for (const item of items) {
      for (const pair of fieldsOf(item)) {
        const name = JSON.stringify(pair);
        const known = counts.get(name) ?? selections.map(() => 0);
        known[selection] = (known[selection] ?? 0) + 1;
        counts.set(name, known);
      }
    }
  }
  return [...counts].map(([name, found]) => {
    const [field, value] = JSON.parse(name) as [string, string];
    return [field, value, found] as const;
  });
}

function fieldsOf(item: SearchItem): [string, string][] {
  const own: [string, GroupField][] = isSpan(item)
    ? [
        ['name', { type: 'string', column: 'name' }],
        ['kind', { type: 'number', column: 'kind' }],
        ['status', { type: 'number', column: 'statusCode' }],
        ['status.message', { type: 'string', column: 'statusMessage' }],
      ]
    : [
        ['level', { type: 'number', column: 'severityNumber' }],
        ['severity.text', { type: 'string', column: 'severityText' }],
        ['event', { type: 'string', column: 'eventName' }],
      ];
  const texts = [
    ...own,
    ['service', { type: 'service', part: 'name' }],
    ['scope.name', { type: 'scope', part: 'name' }],
  ] as [string, GroupField][];
  return [
    ...texts.flatMap(([field, of]): [string, string][] => {
      const text = naiveText(of, item);
      return text === null ? [] : [[field, text]];
    }),
    ...item.attributes.map(({ key, value }): [string, string] => [key, valueText(value)]),
    ...item.resource.attributes.map(({ key, value }): [string, string] => [
      `resource.${key}`,
      valueText(value),
    ]),
    ...item.scope.attributes
      .filter(({ key }) => key !== 'name' && key !== 'version')
      .map(({ key, value }): [string, string] => [`scope.${key}`, valueText(value)]),
    ...ofEvents(item),
  ];
}

/** An attribute that several events of a span have counts once. */
function ofEvents(item: SearchItem): [string, string][] {
  if (!isSpan(item)) return [];
  const different = new Map(
    item.events.flatMap(({ attributes }) =>
      attributes.map((attribute) => [JSON.stringify(attribute), attribute] as const),
    ),
  );
  return Array.from(different.values(), ({ key, value }) => [`event.${key}`, valueText(value)]);
}
