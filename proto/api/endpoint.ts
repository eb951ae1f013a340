import type { z } from 'zod';
import type { ErrorCode } from '../errors/index.ts';

/** How an answer can be written. The first is what a client gets that does not say. */
export const MEDIA_TYPES = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
  arrow: 'application/vnd.apache.arrow.stream',
  parquet: 'application/vnd.apache.parquet',
} as const;
export type AnswerFormat = keyof typeof MEDIA_TYPES;

/** One thing the API can be asked, described once: validation, OpenAPI, reference and client come from it. */
export interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** `:name` stands for a part of the path that is in `pathParameters`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly pathParameters?: z.ZodObject;
  readonly queryParameters: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
  /** The list in the answer that the formats of rows write; an answer without one is JSON only. */
  readonly rows?: { readonly key: string; readonly item: z.ZodType };
  /** Where they are others than its rows imply. */
  readonly formats?: readonly AnswerFormat[];
  /** Besides those every endpoint may answer. */
  readonly errors?: readonly ErrorCode[];
  /** Path and query of a request that can be tried. */
  readonly example: string;
}

/** Keeps the literal types that the table's users need. */
export function endpoint<const E extends Endpoint>(description: E): E {
  return description;
}

/** Formats the endpoint's answer can be had in. */
export function formatsOf({ rows, formats }: Endpoint): readonly AnswerFormat[] {
  if (formats) return formats;
  return rows === undefined ? ['json'] : ['json', 'ndjson', 'csv', 'arrow'];
}
