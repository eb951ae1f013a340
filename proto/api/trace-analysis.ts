import { z } from 'zod';
import {
  count,
  listOf,
  named,
  record,
  service,
  spanIdText,
  traceIdText,
  uint64,
  unixNano,
} from './values.ts';

const pathSection = named(
  'CriticalPathSection',
  record({ spanId: spanIdText, fromUnixNano: unixNano, toUnixNano: unixNano }),
  'a time during which the trace waited for this span and none of its children',
);

export const spanTime = named(
  'SpanTime',
  record({
    spanId: spanIdText,
    service,
    name: z.string(),
    durationNano: uint64,
    selfNano: uint64.meta({ description: 'while none of its children ran' }),
    criticalNano: uint64.meta({ description: 'on the critical path' }),
  }),
);

export const criticalPathAnswer = named(
  'CriticalPath',
  record({
    traceId: traceIdText,
    sections: listOf(pathSection).meta({ description: 'latest first; they touch' }),
    spans: listOf(spanTime).meta({ description: 'longest on the critical path first' }),
  }),
);

const figures = record({ spans: count, durationNano: uint64, selfNano: uint64 }).nullable();

export const comparedPath = named(
  'ComparedPath',
  record({
    path: listOf(record({ service: z.string(), name: z.string(), kind: count })).meta({
      description: 'from the root to these spans, of longer ones the last 64 steps',
    }),
    change: z.enum(['added', 'removed', 'slower', 'faster', 'same']),
    before: figures,
    after: figures,
  }),
  'spans on one way from the root down: services, names and kinds; `slower` and `faster` by more than a tenth of the mean',
);

export const traceComparison = named(
  'TraceComparison',
  record({ before: traceIdText, after: traceIdText, paths: listOf(comparedPath) }),
);
export type TraceComparisonJson = z.output<typeof traceComparison>;
