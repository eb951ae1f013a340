import { isRequirement } from '../../proto/access/index.ts';
import {
  ACCESS_ENDPOINTS,
  INSIGHT_ENDPOINTS,
  keyOf,
  SETTINGS_ENDPOINTS,
  TELEMETRY_ENDPOINTS,
  type Endpoint,
} from '../../proto/api/index.ts';
import type { AnswerFormat } from '../../proto/api/index.ts';
import type { QueryRun } from '../../actors/ports/index.ts';
import type { Access } from '../control-plane/index.ts';
import type { Admitted } from '../doors/index.ts';
import type { HttpRequestHead } from '../http/index.ts';
import { ACCESS_HANDLERS, type AnswerWithCookies } from './access/index.ts';
import type { RunningSettings } from '../control-plane/index.ts';
import { HANDLERS, type HandlerContext } from './handlers.ts';
import { INSIGHT_HANDLERS, type InsightContext } from './insights/index.ts';
import { SETTINGS_HANDLERS, type AnswerElsewhere } from './settings/index.ts';
import type { WrittenAnswer } from './written-answer.ts';

export interface RouteContext extends HandlerContext, InsightContext {
  readonly access: Access;
  readonly settings: RunningSettings;
}

export interface RouteRequest {
  readonly path: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly format: AnswerFormat;
  readonly run: QueryRun;
  readonly head: HttpRequestHead;
  readonly admitted: Admitted;
}

type Answer = Readonly<Record<string, unknown>>;

/** An endpoint, and what answers it. */
export interface Route {
  readonly endpoint: Endpoint;
  readonly segments: readonly string[];
  readonly handle: (
    context: RouteContext,
    request: RouteRequest,
  ) => Promise<Answer | WrittenAnswer | AnswerWithCookies<Answer> | AnswerElsewhere>;
}

// Sound: what was parsed is what the handler under this key expects; TypeScript does not follow the correlation.
type AnyHandler = (context: unknown, request: unknown) => ReturnType<Route['handle']>;

function routeOf(
  endpoint: Endpoint,
  handler: unknown,
  contextOf: (context: RouteContext) => unknown = (context) => context,
): Route {
  // What is not TypeScript has not been told.
  if (!isRequirement(endpoint.needs)) throw new Error(`${keyOf(endpoint)} does not say what it needs`);
  if (typeof handler !== 'function') throw new Error(`nothing answers ${keyOf(endpoint)}`);
  const handle: Route['handle'] = (context, request) => (handler as AnyHandler)(contextOf(context), request);
  return { endpoint, segments: endpoint.path.split('/'), handle };
}

/** Every endpoint there is. A row without a need or without a handler does not start. */
export const ROUTES: readonly Route[] = [
  ...TELEMETRY_ENDPOINTS.map((endpoint) => routeOf(endpoint, HANDLERS[endpoint.path])),
  ...INSIGHT_ENDPOINTS.map((endpoint) =>
    routeOf(endpoint, INSIGHT_HANDLERS[keyOf(endpoint) as keyof typeof INSIGHT_HANDLERS]),
  ),
  ...ACCESS_ENDPOINTS.map((endpoint) =>
    routeOf(
      endpoint,
      ACCESS_HANDLERS[keyOf(endpoint) as keyof typeof ACCESS_HANDLERS],
      ({ access }) => access,
    ),
  ),
  ...SETTINGS_ENDPOINTS.map((endpoint) =>
    routeOf(endpoint, SETTINGS_HANDLERS[keyOf(endpoint) as keyof typeof SETTINGS_HANDLERS]),
  ),
];
