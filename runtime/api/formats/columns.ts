import { TEXT_FORMATS } from '../../../proto/api/index.ts';
import type { z } from 'zod';

export type ColumnType = 'text' | 'int64' | 'uint64' | 'time' | 'double' | 'boolean';

/** A column of an answer's rows. What has no simple type is a text of JSON. */
export interface AnswerColumn {
  /** Names from the row to the value, joined by dots. */
  readonly name: string;
  readonly type: ColumnType;
  /** `undefined` and null where the row has none. */
  readonly read: (row: unknown) => unknown;
}

interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly options?: readonly z.ZodType[];
}

/** Columns of rows of this schema: objects within become several, everything else one. */
export function columnsOf(item: z.ZodType): AnswerColumn[] {
  return walk(item, [], (row) => row);
}

function walk(schema: z.ZodType, path: readonly string[], read: AnswerColumn['read']): AnswerColumn[] {
  const { type, innerType, shape } = schema.def as unknown as Definition;
  if (innerType !== undefined) return walk(innerType, path, read);
  if (shape !== undefined) {
    return Object.entries(shape).flatMap(([key, inner]) =>
      walk(inner, [...path, key], (row) => (read(row) as Readonly<Record<string, unknown>> | null)?.[key]),
    );
  }
  const name = path.join('.');
  const simple = simpleType(schema, type);
  if (simple !== undefined) return [{ name, type: simple, read }];
  return [
    {
      name,
      type: 'text',
      read: (row) => {
        const value = read(row);
        return value === undefined ? undefined : JSON.stringify(value);
      },
    },
  ];
}

const BY_FORMAT: Readonly<Record<string, ColumnType>> = {
  [TEXT_FORMATS.unixNano]: 'time',
  [TEXT_FORMATS.int64]: 'int64',
  [TEXT_FORMATS.uint64]: 'uint64',
};

function simpleType(schema: z.ZodType, type: string): ColumnType | undefined {
  switch (type) {
    case 'string':
      return BY_FORMAT[String(schema.meta()?.['format'])] ?? 'text';
    case 'enum':
      return 'text';
    case 'boolean':
      return 'boolean';
    case 'number':
      return (schema.def as { readonly format?: string }).format === 'safeint' ? 'int64' : 'double';
    case 'union':
      return isDouble(schema) ? 'double' : undefined;
    default:
      return undefined;
  }
}

/** A number, or the name of one that JSON does not have. */
function isDouble(schema: z.ZodType): boolean {
  const { options = [] } = schema.def as unknown as Definition;
  const types = options.map((option) => option.def.type);
  return types.length === 2 && types.includes('number') && types.includes('literal');
}
