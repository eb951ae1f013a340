import type { AnyValueJson, AttributeJson } from '../../proto/api/index.ts';
import type { AnyValue, Attribute } from '../columns/index.ts';

export type DoubleJson = number | 'NaN' | 'Infinity' | '-Infinity';

/** JSON has no word for what is not finite: ProtoJSON writes those as strings. */
export function doubleJson(value: number): DoubleJson {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}

/** A value that was left out is one of which nothing is set. */
export function anyValueJson(value: AnyValue | undefined): AnyValueJson {
  switch (value?.kind) {
    case undefined:
    case 'empty':
      return {};
    case 'string':
      return { stringValue: value.value };
    case 'bool':
      return { boolValue: value.value };
    case 'int':
      return { intValue: value.value.toString() };
    case 'double':
      return { doubleValue: doubleJson(value.value) };
    case 'bytes':
      return { bytesValue: base64(value.value) };
    case 'array':
      return { arrayValue: { values: value.values.map(anyValueJson) } };
    case 'kvlist':
      return { kvlistValue: { values: attributesJson(value.values) } };
  }
}

export function attributeJson({ key, value }: Attribute): AttributeJson {
  return { key, value: anyValueJson(value) };
}

export function attributesJson(attributes: readonly Attribute[]): AttributeJson[] {
  return attributes.map(attributeJson);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
