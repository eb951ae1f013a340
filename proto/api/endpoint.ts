import type { z } from 'zod';
import type { Requirement } from '../access/index.ts';
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
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `:name` stands for a part of the path that is in `pathParameters`. */
  readonly path: string;
  readonly tag: string;
  /** What whoever asks must be allowed to. There is no endpoint that does not say. */
  readonly needs: Requirement;
  readonly summary: string;
  readonly description?: string;
  readonly pathParameters?: z.ZodObject;
  readonly queryParameters: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
  /** The list in the answer that the formats of rows write; an answer without one is JSON only. */
  readonly rows?: {
    readonly key: string;
    readonly item: z.ZodType;
    /** As CSV it is for people: cells that others have written do not begin as formulas. */
    readonly isForSpreadsheets?: boolean;
  };
  /** Where they are others than its rows imply. */
  readonly formats?: readonly AnswerFormat[];
  /** Besides those every endpoint may answer. */
  readonly errors?: readonly ErrorCode[];
  /** Path and query of a request that can be tried. */
  readonly example: string;
}

/** How an endpoint is told from all others. */
export type KeyOf<E extends Pick<Endpoint, 'method' | 'path'>> = E extends unknown
  ? `${E['method']} ${E['path']}`
  : never;

export function keyOf({ method, path }: Pick<Endpoint, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

export type PathParametersOf<E> = E extends { readonly pathParameters: infer Schema extends z.ZodType }
  ? z.output<Schema>
  : Readonly<Record<string, never>>;
/** As it is after it was read; `BodyInputOf` is as it is sent. */
export type BodyOf<E> = E extends { readonly body: infer Schema extends z.ZodType }
  ? z.output<Schema>
  : undefined;

export type BodyInputOf<E> = E extends { readonly body: infer Schema extends z.ZodType }
  ? z.input<Schema>
  : undefined;

/** Keeps the literal types that the table's users need. */
export function endpoint<const E extends Endpoint>(description: E): E {
  return description;
}

/** Formats the endpoint's answer can be had in. */
export function formatsOf({ rows, formats }: Endpoint): readonly AnswerFormat[] {
  if (formats) return formats;
  return rows === undefined ? ['json'] : ['json', 'ndjson', 'csv', 'arrow'];
}
