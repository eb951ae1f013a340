import type { z } from 'zod';
import { parseMoment } from '../../proto/api/index.ts';
import { parseServiceId, type ServiceKey } from '../../proto/columns/index.ts';
import type { SeriesFilter, TimeRange } from '../../proto/query/index.ts';
import { ApiError } from './api-error.ts';

/** Reads parameters as the schema says. Repeated ones are a list where it wants one; elsewhere the last one counts. */
export function parseParameters<Schema extends z.ZodObject>(
  schema: Schema,
  given: URLSearchParams,
): z.output<Schema> {
  const keys = [...new Set(given.keys())];
  const unknown = keys.filter((key) => !Object.hasOwn(schema.shape, key));
  if (unknown.length > 0) {
    throw new ApiError(
      'BAD_REQUEST',
      `there is no parameter ${unknown.map(shortened).join(', ')}`,
      `use one of ${Object.keys(schema.shape).join(', ')}`,
    );
  }
  const values: Readonly<Record<string, unknown>> = Object.fromEntries(
    keys.map((key) => [key, isList(schema.shape[key]) ? given.getAll(key) : given.getAll(key).at(-1)]),
  );
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const name = String(issue?.path[0]);
  const value = values[name];
  throw new ApiError(
    'BAD_REQUEST',
    value === undefined
      ? `${name} is missing`
      : `${name} is ${shortened(JSON.stringify(value))}: ${issue?.message ?? ''}`,
  );
}

/** Reads a JSON body as the schema says. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw new ApiError('BAD_REQUEST', `the body is no JSON: ${error instanceof Error ? error.message : ''}`);
  }
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join('.') ?? '';
  throw new ApiError('BAD_REQUEST', `${place === '' ? 'the body' : place}: ${issue?.message ?? ''}`);
}

function isList(schema: unknown): boolean {
  const { type, innerType } = (schema as z.ZodType).def as z.core.$ZodTypeDef & { innerType?: unknown };
  return type === 'array' || (innerType !== undefined && isList(innerType));
}

const MOST_SHOWN = 200;

function shortened(text: string): string {
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}…`;
}

/** Clocks of senders run ahead of ours by up to a minute. */
const FUTURE_NANOS = 60_000_000_000n;

/** The schema has checked both moments. */
export function rangeOf(
  { from, to }: { readonly from: string; readonly to: string },
  nowUnixNano: bigint,
): TimeRange {
  const fromUnixNano = parseMoment(from, nowUnixNano) ?? nowUnixNano;
  // `now` is to include what has been accepted up to this moment, whatever its clock says.
  const toUnixNano =
    to === 'now' ? nowUnixNano + FUTURE_NANOS : (parseMoment(to, nowUnixNano) ?? nowUnixNano);
  if (fromUnixNano >= toUnixNano) {
    throw new ApiError('BAD_REQUEST', `from (${from}) is not before to (${to})`, 'exchange them');
  }
  return { fromUnixNano: withinInt64(fromUnixNano), toUnixNano: withinInt64(toUnixNano) };
}

const MOST_INT64 = 2n ** 63n - 1n;

/** Times and durations are told to the archive as 64-bit numbers; nothing lies beyond. */
function withinInt64(nanos: bigint): bigint {
  if (nanos < 0n) return 0n;
  return nanos > MOST_INT64 ? MOST_INT64 : nanos;
}

export function nanosOfMs(ms: number): bigint {
  return withinInt64(BigInt(Math.round(Math.min(ms * 1e6, Number.MAX_VALUE))));
}

export function serviceOf(id: string): ServiceKey {
  const service = parseServiceId(id);
  if (!service) {
    throw new ApiError(
      'BAD_REQUEST',
      `service is ${JSON.stringify(id)}: expected environment~namespace~name`,
      'take the id from /api/v1/services',
    );
  }
  return service;
}

export function serviceFilter(id: string | undefined): { readonly service?: ServiceKey } {
  return id === undefined || id === '' ? {} : { service: serviceOf(id) };
}

export function seriesFilter(wanted: {
  readonly name: string;
  readonly label: readonly string[];
  readonly service?: string | undefined;
}): SeriesFilter {
  const labels = wanted.label.map((text) => {
    const at = text.indexOf('=');
    return { key: text.slice(0, at), value: text.slice(at + 1) };
  });
  return { name: wanted.name, labels, ...serviceFilter(wanted.service) };
}
