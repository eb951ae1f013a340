import type { z } from 'zod';
import type { QueryRun } from '../../actors/ports/index.ts';
import type { QueryEngine } from '../../actors/query/index.ts';
import type { ApiAnswers, ServiceJson, TelemetryEndpoint } from '../../proto/api/index.ts';
import { parseServiceId } from '../../proto/columns/index.ts';
import { rangeOf, serviceFilter } from './parameters.ts';

type ShapesParameters = z.output<TelemetryEndpoint<'/api/v1/traces/shapes'>['queryParameters']>;

export async function answerTraceShapes(
  context: { readonly query: QueryEngine; readonly nowUnixNano: () => bigint },
  { service, operation, limit, ...range }: ShapesParameters,
  run: QueryRun,
): Promise<ApiAnswers['/api/v1/traces/shapes']> {
  const nowUnixNano = context.nowUnixNano();
  const asked = {
    ...{ range: rangeOf(range, nowUnixNano), limit, ...serviceFilter(service) },
    ...(operation !== undefined && operation !== '' && { operation }),
  };
  const { shapes, traces, matching, more } = await context.query.traceShapes(asked, nowUnixNano, run);
  return {
    shapes: shapes.map(({ steps, ...shape }) => ({
      ...shape,
      share: shape.traces / traces,
      steps: steps.map(({ service: id, ...step }) => ({ ...step, service: serviceJson(id) })),
    })),
    ...{ traces, matching, more },
  };
}

function serviceJson(id: string): ServiceJson {
  const { namespace, name, environment } = parseServiceId(id) ?? { namespace: '', name: id, environment: '' };
  return { id, namespace, name, environment };
}
