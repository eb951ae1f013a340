import type { AnyValueJson, LogJson } from '../../proto/api/index.ts';
import { BodyKind, type Batch, type ServiceKey } from '../../proto/columns/index.ts';
import { dictionaryReader, readAnyValue, type AnyValue } from '../columns/index.ts';
import { WireReader } from '../wire/index.ts';
import { originJson } from './origin-json.ts';
import { idHex, rowAttributesJson, wordText } from './row-json.ts';
import { anyValueJson } from './value-json.ts';
import { anyValueText } from './value-text.ts';

/** Row `row` of a batch of log records, complete. */
export function logJson(service: ServiceKey, batch: Batch<'logs'>, row: number): LogJson {
  const { columns } = batch;
  const dictionary = dictionaryReader(batch.dictionary);
  return {
    ...originJson(service, dictionary, columns.resource[row] ?? 0, columns.scope[row] ?? 0),
    timeUnixNano: wordText(columns.timeUnixNano, row),
    observedTimeUnixNano: wordText(columns.observedTimeUnixNano, row),
    severityNumber: columns.severityNumber[row] ?? 0,
    severityText: dictionary.string(columns.severityText[row] ?? 0),
    body: bodyJson(batch, row),
    eventName: dictionary.string(columns.eventName[row] ?? 0),
    traceId: idHex(columns.traceId, 16, row),
    spanId: idHex(columns.spanId, 8, row),
    flags: columns.flags[row] ?? 0,
    attributes: rowAttributesJson(columns.attributes, row, dictionary),
    droppedAttributesCount: columns.droppedAttributesCount[row] ?? 0,
  };
}

/** The body as one reads it: text bare, anything else as OTLP/JSON. */
export function bodyText(batch: Batch<'logs'>, row: number): string {
  return batch.columns.bodyKind[row] === BodyKind.text
    ? textBody(batch, row)
    : anyValueText(bodyValue(batch, row));
}

function bodyJson(batch: Batch<'logs'>, row: number): AnyValueJson {
  if (batch.columns.bodyKind[row] === BodyKind.text) return { stringValue: textBody(batch, row) };
  return anyValueJson(bodyValue(batch, row));
}

function textBody(batch: Batch<'logs'>, row: number): string {
  const { offsets, bytes } = batch.columns.body;
  const start = offsets[row] ?? 0;
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, (offsets[row + 1] ?? 0) - start).toString();
}

function bodyValue(batch: Batch<'logs'>, row: number): AnyValue | undefined {
  if (batch.columns.bodyKind[row] !== BodyKind.anyValue) return undefined;
  const { offsets, bytes } = batch.columns.body;
  const value = bytes.subarray(offsets[row], offsets[row + 1]);
  return readAnyValue(new WireReader().reset(value), value.length);
}
