import type { AnyValueJson } from '../../proto/api/index.ts';

/** The text form of a value that was read as JSON; the same as `anyValueText` of the value itself. */
export function anyValueJsonText(value: AnyValueJson): string {
  if ('stringValue' in value) return value.stringValue;
  if ('bytesValue' in value) return value.bytesValue;
  if ('arrayValue' in value || 'kvlistValue' in value) return jsonText(value);
  if ('boolValue' in value) return String(value.boolValue);
  if ('intValue' in value) return value.intValue;
  return 'doubleValue' in value ? String(value.doubleValue) : '';
}

function jsonText(value: AnyValueJson): string {
  if ('arrayValue' in value) return `[${value.arrayValue.values.map(jsonText).join(',')}]`;
  if ('kvlistValue' in value) {
    const items = value.kvlistValue.values.map(
      (item) => `${JSON.stringify(item.key)}:${jsonText(item.value)}`,
    );
    return `{${items.join(',')}}`;
  }
  if ('doubleValue' in value) return JSON.stringify(value.doubleValue);
  if ('stringValue' in value || 'bytesValue' in value) return JSON.stringify(anyValueJsonText(value));
  const text = anyValueJsonText(value);
  return text === '' ? 'null' : text;
}
