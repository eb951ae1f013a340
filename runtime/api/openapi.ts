import { z } from 'zod';
import {
  apiSchemas,
  ENDPOINTS,
  errorBody,
  formatsOf,
  MEDIA_TYPES,
  PAGES,
  PROMETHEUS_ENDPOINTS,
  prometheusError,
  type Endpoint,
  type Page,
  type PrometheusEndpoint,
} from '../../proto/api/index.ts';
import {
  ACCESS_COOKIE,
  CLIENT_HEADER,
  PERMISSIONS,
  REQUIREMENTS,
  type Requirement,
} from '../../proto/access/index.ts';
import { ERROR_CODES, type ErrorCode } from '../../proto/errors/index.ts';
import { needsOfPath } from '../doors/index.ts';
import { httpStatusOf } from './api-error.ts';
import { PROMETHEUS_STATUS } from './prometheus/prometheus-error.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface OpenApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters: readonly OpenApiParameter[];
  readonly requestBody?: { readonly required: true; readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<Record<string, unknown>>;
  /** Empty: nobody is asked who they are. */
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly 'x-ophion-needs': Requirement;
}

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, JsonSchema>>;
  };
}

/** Ways to say who asks. Browsers have their tokens in a cookie; changes then need `x-ophion-client` as well. */
const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'an access token of /api/v1/session, or an API key',
  },
  key: { type: 'apiKey', in: 'header', name: 'x-ophion-key', description: 'an API key' },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: ACCESS_COOKIE,
    description: `set by /api/v1/session; over TLS its name is __Host-${ACCESS_COOKIE}. Changes need the header ${CLIENT_HEADER} as well`,
  },
} as const;

/** What every endpoint may answer besides 200. */
const COMMON_ERRORS: readonly ErrorCode[] = [
  'BAD_REQUEST',
  'NOT_ACCEPTABLE',
  'QUERY_TOO_LARGE',
  'STORAGE_UNAVAILABLE',
  'DEADLINE_EXCEEDED',
];

/** The API in OpenAPI 3.1, from the same descriptions that requests are checked with. */
export function openApiDocument(version: string): OpenApiDocument {
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const endpoint of ENDPOINTS) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(endpoint) };
  }
  for (const endpoint of PROMETHEUS_ENDPOINTS as readonly PrometheusEndpoint[]) {
    paths[endpoint.path.replace(/:(\w+)/g, '{$1}')] = Object.fromEntries(
      endpoint.methods.map((method) => [method.toLowerCase(), prometheusOperation(endpoint, method)]),
    );
  }
  for (const [path, page] of Object.entries(PAGES)) paths[path] = { get: pageOperation(path, page) };
  return {
    openapi: '3.1.0',
    info: {
      title: 'OPHION',
      version,
      description:
        'Telemetry from the live windows and the archive alike. 64-bit integers and nanoseconds are decimal texts. ' +
        'X-Ophion-Stats tells what an answer cost: rows and bytes read from the windows (hot) and the archive (cold), ' +
        'and milliseconds by stage; and, when there are any, how many accepted items no answer shows yet, as they wait for ' +
        'the archive (waitingItems). CSV has values as they are (RFC 4180), also those that a spreadsheet would take for ' +
        'formulas (=, +, -, @): import its columns as text.',
    },
    paths,
    components: { schemas: componentSchemas(), securitySchemes: SECURITY_SCHEMES },
  };
}

const refTo = (id: string): string => `#/components/schemas/${id}`;

function componentSchemas(): Record<string, JsonSchema> {
  const { schemas } = z.toJSONSchema(apiSchemas, { uri: refTo, io: 'output', override: tidy });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutPlace(schema)]));
}

/** The document says which dialect it is in, and where a schema stands. */
function withoutPlace(schema: object): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$id'));
}

/** Answers may get more fields; that they cannot be changed says nothing to a client. */
function tidy({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  delete jsonSchema.readOnly;
}

function operationOf(endpoint: Endpoint): OpenApiOperation {
  const { answer, body, description } = endpoint;
  return {
    operationId: operationIdOf(endpoint),
    tags: [endpoint.tag],
    summary: endpoint.summary,
    ...(description === undefined ? {} : { description }),
    parameters: [
      ...parametersOf('path', endpoint.pathParameters),
      ...parametersOf('query', endpoint.queryParameters),
    ],
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: inputSchema(body) } } },
    }),
    responses: {
      200: {
        description: endpoint.summary,
        headers: {
          ...STATS.headers,
          ...(isPaged(endpoint) && NEXT_CURSOR),
          ...(isLimited(endpoint) && MORE),
        },
        content: Object.fromEntries(
          formatsOf(endpoint).map((format) => [
            MEDIA_TYPES[format],
            format === 'json' ? { schema: { $ref: refTo(nameOf(answer)) } } : {},
          ]),
        ),
      },
      ...errorResponses([...COMMON_ERRORS, ...accessErrors(endpoint), ...(endpoint.errors ?? [])]),
    },
    ...securityOf(endpoint.needs),
  };
}

function securityOf(needs: Requirement): Pick<OpenApiOperation, 'security' | 'x-ophion-needs'> {
  const schemes = Object.keys(SECURITY_SCHEMES).map((name) => ({ [name]: [] }));
  return { security: needs === 'nothing' ? [] : schemes, 'x-ophion-needs': needs };
}

const STATS = {
  headers: { 'X-Ophion-Stats': { schema: { type: 'string' }, description: 'what the answer cost' } },
};

const NEXT_CURSOR = {
  'X-Ophion-Next-Cursor': {
    schema: { type: 'string' },
    description: 'nextCursor, when there is a next page',
  },
};

const MORE = {
  'X-Ophion-More': {
    schema: { type: 'string', const: 'true' },
    description: 'more, when a limit cut the list: for formats that have rows alone',
  },
};

function isLimited({ answer, rows }: Endpoint): boolean {
  return rows !== undefined && answer instanceof z.ZodObject && Object.hasOwn(answer.shape, 'more');
}

function isPaged({ queryParameters, rows }: Endpoint): boolean {
  return rows !== undefined && Object.hasOwn(queryParameters.shape, 'cursor');
}

function jsonContent(schema: z.ZodType): Readonly<Record<string, unknown>> {
  return { 'application/json': { schema: { $ref: refTo(nameOf(schema)) } } };
}

function prometheusOperation(endpoint: PrometheusEndpoint, method: 'GET' | 'POST'): OpenApiOperation {
  const { path, summary, description, pathParameters, queryParameters, answer } = endpoint;
  const form = { 'application/x-www-form-urlencoded': { schema: inputSchema(queryParameters) } };
  return {
    operationId: operationIdOf({ method, path }),
    tags: ['prometheus'],
    summary,
    ...(description === undefined ? {} : { description }),
    parameters: [
      ...parametersOf('path', pathParameters),
      ...(method === 'GET' ? parametersOf('query', queryParameters) : []),
    ],
    ...(method === 'POST' && { requestBody: { required: true, content: form } }),
    responses: {
      200: { description: summary, ...STATS, content: jsonContent(answer) },
      ...prometheusErrors(),
    },
    ...securityOf(needsOfPath(path)),
  };
}

function prometheusErrors(): Record<string, unknown> {
  const all = Object.entries(PROMETHEUS_STATUS);
  return Object.fromEntries(
    all.map(([, status]) => {
      const types = all.filter(([, other]) => other === status).map(([type]) => type);
      return [status, { description: types.join(', '), content: jsonContent(prometheusError) }];
    }),
  );
}

function pageOperation(path: string, { summary, mediaType, answer, status }: Page): OpenApiOperation {
  const content = answer ? jsonContent(answer) : { [mediaType]: {} };
  return {
    operationId: operationIdOf({ method: 'GET', path }),
    tags: ['pages'],
    summary,
    parameters: [],
    responses: {
      200: { description: summary, content },
      ...(status !== undefined && { [status]: { description: 'it is not', content } }),
    },
    ...securityOf(needsOfPath(path)),
  };
}

function accessErrors({ needs }: Endpoint): readonly ErrorCode[] {
  if (needs === 'nothing') return ['RATE_LIMITED'];
  const isAny = needs === 'identified' || needs === 'any-session';
  return [
    'UNAUTHENTICATED',
    'FORBIDDEN',
    'RATE_LIMITED',
    ...(isAny ? [] : ['PASSWORD_MUST_CHANGE' as const]),
    ...(isAny || needs === 'enrolling-session' ? [] : ['SECOND_FACTOR_MUST_BE_SET_UP' as const]),
  ];
}

/** In words. */
export function needText(needs: Requirement): string {
  if (needs in REQUIREMENTS) return REQUIREMENTS[needs as keyof typeof REQUIREMENTS];
  return `${needs} (${PERMISSIONS[needs as keyof typeof PERMISSIONS]})`;
}

function nameOf(schema: z.ZodType): string {
  const name = apiSchemas.get(schema)?.id;
  if (name === undefined) throw new Error('an answer of the API has no name');
  return name;
}

function operationIdOf({ method, path }: Pick<Endpoint, 'method' | 'path'>): string {
  const words = path
    .replace(/^\/api\/v\d+\//, '')
    .split(/\W+/)
    .filter((word) => word !== '');
  return [
    method.toLowerCase(),
    ...words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`),
  ].join('');
}

function inputSchema(schema: z.ZodType): JsonSchema {
  return withoutPlace(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
}

function parametersOf(where: 'path' | 'query', schema: z.ZodObject | undefined): OpenApiParameter[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = inputSchema(schema) as {
    properties?: Record<string, JsonSchema & { description?: string }>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

function errorResponses(codes: readonly ErrorCode[]): Record<string, unknown> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set(codes)) {
    byStatus.set(httpStatusOf(code), [...(byStatus.get(httpStatusOf(code)) ?? []), code]);
  }
  return Object.fromEntries(
    Array.from(byStatus, ([status, ofStatus]) => [
      status,
      {
        description: ofStatus.map((code) => `${code}: ${ERROR_CODES[code]}`).join('; '),
        content: { 'application/json': { schema: { $ref: refTo(nameOf(errorBody)) } } },
      },
    ]),
  );
}
