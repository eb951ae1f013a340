import type { AnyValueJson, AttributeJson } from '../../proto/api/index.ts';

export type ValueType = 'string' | 'bool' | 'int' | 'double' | 'bytes' | 'array' | 'map' | 'empty';

export function typeOfValue(value: AnyValueJson): ValueType {
  if ('stringValue' in value) return 'string';
  if ('boolValue' in value) return 'bool';
  if ('intValue' in value) return 'int';
  if ('doubleValue' in value) return 'double';
  if ('bytesValue' in value) return 'bytes';
  if ('arrayValue' in value) return 'array';
  if ('kvlistValue' in value) return 'map';
  return 'empty';
}

function jsonOf(value: AnyValueJson): string {
  if ('stringValue' in value) return JSON.stringify(value.stringValue);
  if ('bytesValue' in value) return JSON.stringify(value.bytesValue);
  if ('arrayValue' in value) return `[${value.arrayValue.values.map(jsonOf).join(', ')}]`;
  if ('kvlistValue' in value) {
    const entries = value.kvlistValue.values.map((one) => `${JSON.stringify(one.key)}: ${jsonOf(one.value)}`);
    return `{${entries.join(', ')}}`;
  }
  return textOfValue(value) || 'null';
}

/** As one line. 64-bit integers keep every digit: they are never made JavaScript numbers. */
export function textOfValue(value: AnyValueJson): string {
  if ('stringValue' in value) return value.stringValue;
  if ('boolValue' in value) return String(value.boolValue);
  if ('intValue' in value) return value.intValue;
  if ('doubleValue' in value) return String(value.doubleValue);
  if ('bytesValue' in value) return value.bytesValue;
  if ('arrayValue' in value || 'kvlistValue' in value) return jsonOf(value);
  return '';
}

export function attributeText(attributes: readonly AttributeJson[], key: string): string | undefined {
  const found = attributes.find((attribute) => attribute.key === key);
  return found && textOfValue(found.value);
}

/** Part of any key or value, in any case. `needle` is lower case. */
export function attributesContain(attributes: readonly AttributeJson[], needle: string): boolean {
  for (const { key, value } of attributes) {
    if (key.toLowerCase().includes(needle) || textOfValue(value).toLowerCase().includes(needle)) return true;
  }
  return false;
}
