import type { AnyValue } from '../columns/index.ts';

/**
 * The text form of a value, by which it is searched and compared: a string is itself, a boolean `true` or `false`, a
 * number its decimal form (`NaN`, `Infinity`), bytes are base64, and lists and maps JSON made of such values.
 */
export function anyValueText(value: AnyValue | undefined): string {
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
      return JSON.stringify(anyValueText(value));
    case 'bool':
    case 'int':
      return String(value.value);
  }
}
