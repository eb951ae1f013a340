import type {
  AnyValueJson,
  AttributeJson,
  NumberValueJson,
  ServiceJson,
} from '../../../../proto/api/index.ts';
import { ValueKind, type ServiceKey } from '../../../../proto/columns/index.ts';
import type { AnyValue, Attribute } from '../../../../workers/columns/index.ts';

type DoubleJson = number | 'NaN' | 'Infinity' | '-Infinity';

export function doubleJson(value: number): DoubleJson {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}

/** A Float64 as ClickHouse writes it in JSON. */
export type StoredDouble = number | 'nan' | '-nan' | 'inf' | '-inf';

export function storedDouble(value: StoredDouble): number {
  if (typeof value === 'number') return value;
  if (value === 'inf') return Infinity;
  return value === '-inf' ? -Infinity : NaN;
}

export function numberValueJson(kind: number, double: StoredDouble, int: string): NumberValueJson {
  if (kind === ValueKind.double) return { asDouble: doubleJson(storedDouble(double)) };
  return kind === ValueKind.int ? { asInt: int } : null;
}

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
      return { intValue: String(value.value) };
    case 'double':
      return { doubleValue: doubleJson(value.value) };
    case 'bytes':
      return { bytesValue: Buffer.from(value.value).toString('base64') };
    case 'array':
      return { arrayValue: { values: value.values.map(anyValueJson) } };
    case 'kvlist':
      return { kvlistValue: { values: value.values.map(attributeJson) } };
  }
}

export function attributeJson({ key, value }: Attribute): AttributeJson {
  return { key, value: anyValueJson(value) };
}

/** See `ServiceId`. `encodeURIComponent` leaves the separator as it is. */
export function serviceJson({ namespace, name, environment }: ServiceKey): ServiceJson {
  const id = [environment, namespace, name]
    .map((part) => encodeURIComponent(part).replaceAll('~', '%7E'))
    .join('~');
  return { id, namespace, name, environment };
}
