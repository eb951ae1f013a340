import type { SpanJson } from '../../proto/api/index.ts';
import type { Batch, ServiceKey } from '../../proto/columns/index.ts';
import { dictionaryReader } from '../columns/index.ts';
import { originJson, serviceJson } from './origin-json.ts';
import { idHex, rowAttributesJson, rowItems, wordText } from './row-json.ts';

/** What tells how the spans of a trace stand to each other. */
export type SpanOutline = Pick<
  SpanJson,
  'service' | 'spanId' | 'parentSpanId' | 'name' | 'kind' | 'startTimeUnixNano' | 'endTimeUnixNano'
>;

/** Row `row` of a batch of spans, without all that its place in the trace does not need. */
export function spanOutline(service: ServiceKey, batch: Batch<'traces'>, row: number): SpanOutline {
  const { columns } = batch;
  const start = columns.startTimeUnixNano[row] ?? 0n;
  return {
    service: serviceJson(service),
    spanId: idHex(columns.spanId, 8, row),
    parentSpanId: idHex(columns.parentSpanId, 8, row),
    name: dictionaryReader(batch.dictionary).string(columns.name[row] ?? 0),
    kind: columns.kind[row] ?? 0,
    startTimeUnixNano: start.toString(),
    endTimeUnixNano: BigInt.asUintN(64, start + (columns.durationNano[row] ?? 0n)).toString(),
  };
}

/** What a summary of its trace takes of a span. */
export type SummedSpan = Omit<SpanOutline, 'kind'> & {
  readonly traceId: string;
  readonly status: Pick<SpanJson['status'], 'code'>;
};

/** Row `row` of a batch of spans, as far as a summary of its trace needs it. */
export function summedSpan(service: ServiceKey, batch: Batch<'traces'>, row: number): SummedSpan {
  return {
    ...spanOutline(service, batch, row),
    traceId: idHex(batch.columns.traceId, 16, row),
    status: { code: batch.columns.statusCode[row] ?? 0 },
  };
}

/** Row `row` of a batch of spans, complete. */
export function spanJson(service: ServiceKey, batch: Batch<'traces'>, row: number): SpanJson {
  const { columns } = batch;
  const dictionary = dictionaryReader(batch.dictionary);
  const start = columns.startTimeUnixNano[row] ?? 0n;
  return {
    ...originJson(service, dictionary, columns.resource[row] ?? 0, columns.scope[row] ?? 0),
    traceId: idHex(columns.traceId, 16, row),
    spanId: idHex(columns.spanId, 8, row),
    parentSpanId: idHex(columns.parentSpanId, 8, row),
    name: dictionary.string(columns.name[row] ?? 0),
    kind: columns.kind[row] ?? 0,
    startTimeUnixNano: start.toString(),
    endTimeUnixNano: BigInt.asUintN(64, start + (columns.durationNano[row] ?? 0n)).toString(),
    status: {
      code: columns.statusCode[row] ?? 0,
      message: dictionary.string(columns.statusMessage[row] ?? 0),
    },
    traceState: dictionary.string(columns.traceState[row] ?? 0),
    flags: columns.flags[row] ?? 0,
    attributes: rowAttributesJson(columns.attributes, row, dictionary),
    droppedAttributesCount: columns.droppedAttributesCount[row] ?? 0,
    events: rowItems(columns.events, row, (events, index) => ({
      timeUnixNano: wordText(events.timeUnixNano, index),
      name: dictionary.string(events.name[index] ?? 0),
      attributes: rowAttributesJson(events.attributes, index, dictionary),
      droppedAttributesCount: events.droppedAttributesCount[index] ?? 0,
    })),
    droppedEventsCount: columns.droppedEventsCount[row] ?? 0,
    links: rowItems(columns.links, row, (links, index) => ({
      traceId: idHex(links.traceId, 16, index),
      spanId: idHex(links.spanId, 8, index),
      traceState: dictionary.string(links.traceState[index] ?? 0),
      attributes: rowAttributesJson(links.attributes, index, dictionary),
      droppedAttributesCount: links.droppedAttributesCount[index] ?? 0,
      flags: links.flags[index] ?? 0,
    })),
    droppedLinksCount: columns.droppedLinksCount[row] ?? 0,
  };
}
