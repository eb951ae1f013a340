import type { AnyValue } from '../columns/index.ts';

/** Numbers of the kinds of `AnyValue`, as the archive stores them. */
export const VALUE_TYPES = {
  empty: 0,
  string: 1,
  bool: 2,
  int: 3,
  double: 4,
  bytes: 5,
  array: 6,
  kvlist: 7,
} as const satisfies Record<AnyValue['kind'], number>;

/**
 * The text form of a value, by which it is searched and compared: a string is itself, a boolean `true` or `false`, a
 * number its decimal form (`NaN`, `Infinity`), bytes are base64, and lists and maps JSON made of such values.
 */
export function attributeText(value: AnyValue | undefined): string {
  switch (value?.kind) {
    case undefined:
    case 'empty':
      return '';
    case 'string':
      return value.value;
    case 'bool':
    case 'int':
    case 'double':
      return String(value.value);
    case 'bytes':
      return Buffer.from(value.value).toString('base64');
    case 'array':
    case 'kvlist':
      return jsonText(value);
  }
}

function jsonText(value: AnyValue | undefined): string {
  switch (value?.kind) {
    case undefined:
    case 'empty':
      return 'null';
    case 'array':
      return `[${value.values.map(jsonText).join(',')}]`;
    case 'kvlist':
      return `{${value.values.map((item) => `${JSON.stringify(item.key)}:${jsonText(item.value)}`).join(',')}}`;
    case 'double':
      return Number.isFinite(value.value) ? String(value.value) : JSON.stringify(String(value.value));
    case 'string':
    case 'bytes':
      return JSON.stringify(attributeText(value));
    case 'bool':
    case 'int':
      return String(value.value);
  }
}
