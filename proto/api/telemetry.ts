import { z } from 'zod';
import {
  anyValue,
  attributes,
  count,
  listOf,
  named,
  originShape,
  record,
  service,
  spanIdText,
  traceIdText,
  uint64,
  unixNano,
} from './values.ts';

/** Of a trace with more spans only the first are answered, and nothing is computed of it. */
export const MOST_SPANS_A_TRACE = 100_000;
/** Held at a time to sum up traces that were found: one with more spans is summed up of the first. */
export const MOST_SPANS_SUMMED_UP = 200_000;

/** Spans and log records as they leave the API: OTLP/JSON's own shapes, each with where it came from. */

const spanEvent = named(
  'SpanEvent',
  record({ timeUnixNano: unixNano, name: z.string(), attributes, droppedAttributesCount: count }),
);
export type SpanEventJson = z.output<typeof spanEvent>;

const spanLink = named(
  'SpanLink',
  record({
    traceId: traceIdText,
    spanId: spanIdText,
    traceState: z.string(),
    attributes,
    droppedAttributesCount: count,
    flags: count,
  }),
);
export type SpanLinkJson = z.output<typeof spanLink>;

export const span = named(
  'Span',
  record({
    ...originShape,
    traceId: traceIdText,
    spanId: spanIdText,
    parentSpanId: spanIdText,
    name: z.string(),
    kind: count.meta({
      description: "OTLP's SpanKind: 1 internal, 2 server, 3 client, 4 producer, 5 consumer",
    }),
    startTimeUnixNano: unixNano,
    endTimeUnixNano: unixNano,
    status: record({
      code: count.meta({ description: "OTLP's StatusCode: 0 unset, 1 ok, 2 error" }),
      message: z.string(),
    }),
    traceState: z.string(),
    flags: count,
    attributes,
    droppedAttributesCount: count,
    events: listOf(spanEvent),
    droppedEventsCount: count,
    links: listOf(spanLink),
    droppedLinksCount: count,
  }),
);
export type SpanJson = z.output<typeof span>;

export const logShape = {
  ...originShape,
  timeUnixNano: unixNano,
  observedTimeUnixNano: unixNano,
  severityNumber: count,
  severityText: z.string(),
  body: anyValue,
  eventName: z.string(),
  traceId: traceIdText,
  spanId: spanIdText,
  flags: count,
  attributes,
  droppedAttributesCount: count,
};
export const log = named('Log', record(logShape));
export type LogJson = z.output<typeof log>;

export const traceSummary = named(
  'TraceSummary',
  record({
    traceId: traceIdText,
    rootName: z.string().meta({ description: 'of the span without a parent, or the earliest one' }),
    rootService: service,
    startTimeUnixNano: unixNano,
    durationNano: uint64,
    spanCount: count,
    errorCount: count,
    services: listOf(record({ service, spanCount: count })),
    more: z.boolean().meta({
      description: `the trace has more than ${MOST_SPANS_SUMMED_UP} spans, and this is of the first of them`,
    }),
  }),
);
/** A trace in a list. */
export type TraceSummaryJson = z.output<typeof traceSummary>;
