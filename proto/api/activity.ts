import { z } from 'zod';
import { count, named, record, serviceShape } from './values.ts';

const milliseconds = z.number().nullable().meta({ description: 'milliseconds; null without a request' });

const requestShape = {
  requests: count.meta({ description: 'server and consumer spans, and root spans of any kind' }),
  errors: count,
  p50Ms: milliseconds,
  p95Ms: milliseconds,
  p99Ms: milliseconds,
};

export const serviceActivity = named(
  'ServiceActivity',
  record({ ...serviceShape, ...requestShape, spans: count, logs: count, points: count }),
);
export type ServiceActivityJson = z.output<typeof serviceActivity>;

export const operationActivity = named(
  'OperationActivity',
  record({ name: z.string(), kind: count, ...requestShape }),
);
export type OperationActivityJson = z.output<typeof operationActivity>;

export const graphNode = named(
  'GraphNode',
  record({
    id: z.string().meta({ description: 'a service id, or database:…, messaging:…, external:…' }),
    name: z.string(),
    type: z.enum(['service', 'database', 'messaging', 'external']),
  }),
);
export type GraphNodeJson = z.output<typeof graphNode>;

export const graphEdge = named(
  'GraphEdge',
  record({ from: z.string(), to: z.string(), requests: count, errors: count, p95Ms: milliseconds }),
);
export type GraphEdgeJson = z.output<typeof graphEdge>;
