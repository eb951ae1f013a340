import type { QueryLimits } from '../../../actors/ports/index.ts';
import type { HttpDoor } from '../../doors/index.ts';
import type { PrometheusEngine, QueryEngine, StartedRun } from '../../../actors/query/index.ts';

export interface PrometheusApi {
  readonly prometheus: PrometheusEngine;
  readonly query: QueryEngine;
  readonly limits: QueryLimits;
  readonly door: Pick<HttpDoor, 'admitPath'>;
  readonly version: string;
  readonly nowUnixNano: () => bigint;
  /** Accepted, but neither in a window nor archived yet: no answer shows them. */
  readonly waitingItems: () => number;
}

/** One request: what it asks with, and what it may cost. */
export interface PrometheusRequest {
  readonly api: PrometheusApi;
  readonly parameters: URLSearchParams;
  readonly run: StartedRun;
  readonly nowMs: number;
}
