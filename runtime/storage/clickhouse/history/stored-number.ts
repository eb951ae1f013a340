import type { NumberValueJson } from '../../../../proto/api/index.ts';
import { ValueKind } from '../../../../proto/columns/index.ts';
import { doubleJson } from '../../../../workers/json/index.ts';

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
