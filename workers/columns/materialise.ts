import { BodyKind, type Batch, type LogColumns, type SpanColumns } from '../../proto/columns/index.ts';
import { WireReader } from '../wire/index.ts';
import { readAnyValue } from './any-value.ts';
import { attributesAt, bigintAt, bytesAt, idAt, listAt, numberAt } from './column-access.ts';
import { dictionaryReader, type DictionaryReader } from './dictionary-reader.ts';
import {
  toOtlpValue,
  type OtlpLogRecord,
  type OtlpSpan,
  type OtlpSpanEvent,
  type OtlpSpanLink,
  type OtlpValue,
} from './otlp-objects.ts';
import { decodeText } from './text.ts';

/** Makes objects: for single items that somebody asked for, not for loops over a window. */
export function spanAt(batch: Batch<'traces'>, row: number): OtlpSpan {
  checkRow(batch, row);
  const { columns } = batch;
  const dictionary = dictionaryReader(batch.dictionary);
  const start = bigintAt(columns.startTimeUnixNano, row);
  return {
    traceId: idAt(columns.traceId, 16, row),
    spanId: idAt(columns.spanId, 8, row),
    traceState: dictionary.string(numberAt(columns.traceState, row)),
    parentSpanId: idAt(columns.parentSpanId, 8, row),
    name: dictionary.string(numberAt(columns.name, row)),
    kind: numberAt(columns.kind, row),
    startTimeUnixNano: start,
    endTimeUnixNano: BigInt.asUintN(64, start + bigintAt(columns.durationNano, row)),
    attributes: attributesAt(columns.attributes, row, dictionary),
    droppedAttributesCount: numberAt(columns.droppedAttributesCount, row),
    events: listAt(columns.events, row, (events, index) => eventAt(events, index, dictionary)),
    droppedEventsCount: numberAt(columns.droppedEventsCount, row),
    links: listAt(columns.links, row, (links, index) => linkAt(links, index, dictionary)),
    droppedLinksCount: numberAt(columns.droppedLinksCount, row),
    status: {
      message: dictionary.string(numberAt(columns.statusMessage, row)),
      code: numberAt(columns.statusCode, row),
    },
    flags: numberAt(columns.flags, row),
  };
}

function eventAt(
  events: SpanColumns['events']['items'],
  index: number,
  dictionary: DictionaryReader,
): OtlpSpanEvent {
  return {
    timeUnixNano: bigintAt(events.timeUnixNano, index),
    name: dictionary.string(numberAt(events.name, index)),
    attributes: attributesAt(events.attributes, index, dictionary),
    droppedAttributesCount: numberAt(events.droppedAttributesCount, index),
  };
}

function linkAt(
  links: SpanColumns['links']['items'],
  index: number,
  dictionary: DictionaryReader,
): OtlpSpanLink {
  return {
    traceId: idAt(links.traceId, 16, index),
    spanId: idAt(links.spanId, 8, index),
    traceState: dictionary.string(numberAt(links.traceState, index)),
    attributes: attributesAt(links.attributes, index, dictionary),
    droppedAttributesCount: numberAt(links.droppedAttributesCount, index),
    flags: numberAt(links.flags, index),
  };
}

/** See `spanAt`. */
export function logAt(batch: Batch<'logs'>, row: number): OtlpLogRecord {
  checkRow(batch, row);
  const { columns } = batch;
  const dictionary = dictionaryReader(batch.dictionary);
  const body = bodyAt(columns, row);
  return {
    timeUnixNano: bigintAt(columns.timeUnixNano, row),
    observedTimeUnixNano: bigintAt(columns.observedTimeUnixNano, row),
    severityNumber: numberAt(columns.severityNumber, row),
    severityText: dictionary.string(numberAt(columns.severityText, row)),
    ...(body === undefined ? {} : { body }),
    attributes: attributesAt(columns.attributes, row, dictionary),
    droppedAttributesCount: numberAt(columns.droppedAttributesCount, row),
    flags: numberAt(columns.flags, row),
    traceId: idAt(columns.traceId, 16, row),
    spanId: idAt(columns.spanId, 8, row),
    eventName: dictionary.string(numberAt(columns.eventName, row)),
  };
}

function bodyAt(columns: LogColumns, row: number): OtlpValue | undefined {
  const kind = numberAt(columns.bodyKind, row);
  if (kind === BodyKind.absent) return undefined;
  const bytes = bytesAt(columns.body, row);
  if (kind === BodyKind.text) return { stringValue: decodeText(bytes, 0, bytes.length) };
  return toOtlpValue(readAnyValue(new WireReader().reset(bytes), bytes.length));
}

export function checkRow(batch: Batch, row: number): void {
  if (row < 0 || row >= batch.rowCount) {
    throw new RangeError(`The batch has ${batch.rowCount} rows, and none with number ${row}`);
  }
}
