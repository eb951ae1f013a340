import { z } from 'zod';

/**
 * What API answers are made of. Ids are lower-case hex ('' when absent), nanoseconds and 64-bit integers are decimal
 * strings, bytes are base64, as in OTLP/JSON.
 */

/** All API schemas that have a name in the OpenAPI document. */
export const apiSchemas = z.registry<{ id: string; description?: string }>();

/** A schema with a name in the OpenAPI document. */
export function named<Schema extends z.ZodType>(id: string, schema: Schema, description?: string): Schema {
  apiSchemas.add(schema, { id, ...(description === undefined ? {} : { description }) });
  return schema;
}

export function record<Shape extends z.ZodRawShape>(
  shape: Shape,
): z.ZodReadonly<z.ZodObject<Shape, z.core.$strict>> {
  return z.strictObject(shape).readonly();
}

export function listOf<Item extends z.ZodType>(item: Item): z.ZodReadonly<z.ZodArray<Item>> {
  return z.array(item).readonly();
}

/** Formats that tell writers of columns what a text holds; OpenAPI shows them as `format`. */
export const TEXT_FORMATS = { unixNano: 'unix-nano', int64: 'int64', uint64: 'uint64' } as const;

export const unixNano = z
  .string()
  .regex(/^\d+$/)
  .meta({ format: TEXT_FORMATS.unixNano, description: 'nanoseconds since 1970, as a decimal text' });
export const int64 = z
  .string()
  .regex(/^-?\d+$/)
  .meta({ format: TEXT_FORMATS.int64 });
export const uint64 = z.string().regex(/^\d+$/).meta({ format: TEXT_FORMATS.uint64 });
export const double = z.union([z.number(), z.literal(['NaN', 'Infinity', '-Infinity'])]);
export const count = z.int();
export const traceIdText = z
  .string()
  .regex(/^([0-9a-f]{32})?$/)
  .meta({ description: '32 hexadecimal digits; empty when there is none' });
export const spanIdText = z
  .string()
  .regex(/^([0-9a-f]{16})?$/)
  .meta({ description: '16 hexadecimal digits; empty when there is none' });

export type AnyValueJson =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string }
  | { readonly doubleValue: number | 'NaN' | 'Infinity' | '-Infinity' }
  | { readonly bytesValue: string }
  | { readonly arrayValue: { readonly values: readonly AnyValueJson[] } }
  | { readonly kvlistValue: { readonly values: readonly AttributeJson[] } }
  | { readonly [none: string]: never };

export interface AttributeJson {
  readonly key: string;
  readonly value: AnyValueJson;
}

export const anyValue: z.ZodType<AnyValueJson> = named(
  'AnyValue',
  z.lazy(() =>
    z.union([
      z.strictObject({ stringValue: z.string() }),
      z.strictObject({ boolValue: z.boolean() }),
      z.strictObject({ intValue: int64 }),
      z.strictObject({ doubleValue: double }),
      z.strictObject({ bytesValue: z.base64() }),
      z.strictObject({ arrayValue: z.strictObject({ values: z.array(anyValue) }) }),
      z.strictObject({ kvlistValue: z.strictObject({ values: z.array(attribute) }) }),
      z.strictObject({}),
    ]),
  ),
  'one of these; none of them is a value that is absent',
);

export const attribute: z.ZodType<AttributeJson> = named(
  'Attribute',
  z.strictObject({ key: z.string(), value: anyValue }),
);

export const attributes = listOf(attribute);

const resource = named(
  'Resource',
  record({ attributes, droppedAttributesCount: count, schemaUrl: z.string() }),
);
export type ResourceJson = z.output<typeof resource>;

const scope = named(
  'Scope',
  record({
    name: z.string(),
    version: z.string(),
    attributes,
    droppedAttributesCount: count,
    schemaUrl: z.string(),
  }),
);
export type ScopeJson = z.output<typeof scope>;

export const serviceShape = {
  id: z.string().meta({ description: 'environment~namespace~name, each percent-encoded' }),
  namespace: z.string(),
  name: z.string(),
  environment: z.string(),
};
export const service = named('Service', record(serviceShape));
export type ServiceJson = z.output<typeof service>;

/** Where an item came from. */
export const originShape = { service, resource, scope };
export interface OriginJson {
  readonly service: ServiceJson;
  readonly resource: ResourceJson;
  readonly scope: ScopeJson;
}
