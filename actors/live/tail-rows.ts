import { serviceIdOf, type AnyBatch, type Batch, type ServiceBatch } from '../../proto/columns/index.ts';
import { LOG_TAIL_COLUMNS, SPAN_TAIL_COLUMNS, type FrameHead } from '../../proto/live/index.ts';
import { dictionaryReader } from '../../workers/columns/index.ts';
import { emptyFrame, encodeFrame } from '../../workers/frames/index.ts';
import { bodyText, idHex } from '../../workers/json/index.ts';
import { logTime } from '../../workers/scan/index.ts';

/** Rows of a tail as its frames show them: spans, or log records. */
export class TailRows {
  readonly kind: 'spans' | 'logs';
  length = 0;
  /** UTF-16 units of messages and bodies, which may be of any length. */
  textLength = 0;
  private readonly spans = emptyFrame(SPAN_TAIL_COLUMNS);
  private readonly logs = emptyFrame(LOG_TAIL_COLUMNS);

  constructor(kind: 'spans' | 'logs') {
    this.kind = kind;
  }

  /** A row of a batch of the tail's own signal. */
  add({ service, batch }: ServiceBatch, row: number): void {
    const any = batch as AnyBatch;
    const id = serviceIdOf(service);
    if (any.signal === 'traces') this.addSpan(id, any, row);
    else if (any.signal === 'logs') this.addLog(id, any, row);
    this.length += 1;
  }

  /** Puts the row that was added last first. */
  reverse(): void {
    for (const column of Object.values(this.kind === 'spans' ? this.spans : this.logs)) column.reverse();
  }

  frame(head: FrameHead): Uint8Array {
    return this.kind === 'spans'
      ? encodeFrame(SPAN_TAIL_COLUMNS, this.spans, this.length, head)
      : encodeFrame(LOG_TAIL_COLUMNS, this.logs, this.length, head);
  }

  private addSpan(id: string, { columns, dictionary }: Batch<'traces'>, row: number): void {
    const reader = dictionaryReader(dictionary);
    const message = reader.string(columns.statusMessage[row] ?? 0);
    this.spans.traceId.push(idHex(columns.traceId, 16, row));
    this.spans.spanId.push(idHex(columns.spanId, 8, row));
    this.spans.service.push(id);
    this.spans.name.push(reader.string(columns.name[row] ?? 0));
    this.spans.kind.push(columns.kind[row] ?? 0);
    this.spans.statusCode.push(columns.statusCode[row] ?? 0);
    this.spans.startTimeUnixNano.push(String(columns.startTimeUnixNano[row] ?? 0n));
    this.spans.durationMs.push(Number(columns.durationNano[row] ?? 0n) / 1e6);
    this.spans.statusMessage.push(message);
    this.textLength += message.length;
  }

  private addLog(id: string, batch: Batch<'logs'>, row: number): void {
    const { columns } = batch;
    const body = bodyText(batch, row);
    this.logs.timeUnixNano.push(String(logTime(batch, row)));
    this.logs.service.push(id);
    this.logs.severityNumber.push(columns.severityNumber[row] ?? 0);
    this.logs.severityText.push(dictionaryReader(batch.dictionary).string(columns.severityText[row] ?? 0));
    this.logs.body.push(body);
    this.logs.traceId.push(idHex(columns.traceId, 16, row));
    this.logs.spanId.push(idHex(columns.spanId, 8, row));
    this.textLength += body.length;
  }
}
