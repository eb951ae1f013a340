import {
  serviceIdOf,
  type AnyBatch,
  type Batch,
  type ServiceBatch,
  type ServiceId,
} from '../../proto/columns/index.ts';
import { LOG_TAIL_COLUMNS, SPAN_TAIL_COLUMNS, type LiveTopic } from '../../proto/live/index.ts';
import type { SpanFilter } from '../../proto/query/index.ts';
import { dictionaryReader } from '../../workers/columns/index.ts';
import { emptyFrame, encodeFrame } from '../../workers/frames/index.ts';
import { bodyText, idHex } from '../../workers/json/index.ts';
import { logPredicate, logTime, spanPredicate } from '../../workers/scan/index.ts';

/** At ten frames a second, more than anyone can read, and little for a browser. */
const MAX_ROWS_A_FRAME = 200;

export type TailTopic = Extract<LiveTopic, { readonly kind: 'spans' | 'logs' }>;

/** What a tail has gathered since its last frame: the first rows that match, and a count of the others. */
export class Tail {
  private readonly topic: TailTopic;
  private spans = emptyFrame(SPAN_TAIL_COLUMNS);
  private logs = emptyFrame(LOG_TAIL_COLUMNS);
  private rows = 0;
  private dropped = 0;

  constructor(topic: TailTopic) {
    this.topic = topic;
  }

  add({ service, batch }: ServiceBatch): void {
    const { topic } = this;
    const id = serviceIdOf(service);
    if (topic.service !== undefined && topic.service !== id) return;
    const any = batch as AnyBatch;
    if (topic.kind === 'spans' && any.signal === 'traces') this.addSpans(topic, id, any);
    else if (topic.kind === 'logs' && any.signal === 'logs') this.addLogs(topic, id, any);
  }

  /** The frame, and a new start; `undefined` when there is nothing to show. */
  takeFrame(topicKey: string, sequence: number): Uint8Array | undefined {
    if (this.rows === 0 && this.dropped === 0) return undefined;
    const head = {
      topicKey,
      sequence: String(sequence),
      mode: 'change',
      dropped: String(this.dropped),
    } as const;
    const frame =
      this.topic.kind === 'spans'
        ? encodeFrame(SPAN_TAIL_COLUMNS, this.spans, this.rows, head)
        : encodeFrame(LOG_TAIL_COLUMNS, this.logs, this.rows, head);
    this.spans = emptyFrame(SPAN_TAIL_COLUMNS);
    this.logs = emptyFrame(LOG_TAIL_COLUMNS);
    this.rows = 0;
    this.dropped = 0;
    return frame;
  }

  private hasRoom(): boolean {
    if (this.rows < MAX_ROWS_A_FRAME) {
      this.rows += 1;
      return true;
    }
    this.dropped += 1;
    return false;
  }

  private addSpans(
    topic: Extract<TailTopic, { kind: 'spans' }>,
    id: ServiceId,
    batch: Batch<'traces'>,
  ): void {
    const { columns } = batch;
    const dictionary = dictionaryReader(batch.dictionary);
    const matches = spanPredicate(spanFilterOf(topic), batch);
    for (let row = 0; row < batch.rowCount; row += 1) {
      if (!matches(row) || !this.hasRoom()) continue;
      this.spans.traceId.push(idHex(columns.traceId, 16, row));
      this.spans.spanId.push(idHex(columns.spanId, 8, row));
      this.spans.service.push(id);
      this.spans.name.push(dictionary.string(columns.name[row] ?? 0));
      this.spans.kind.push(columns.kind[row] ?? 0);
      this.spans.statusCode.push(columns.statusCode[row] ?? 0);
      this.spans.startTimeUnixNano.push(String(columns.startTimeUnixNano[row] ?? 0n));
      this.spans.durationMs.push(Number(columns.durationNano[row] ?? 0n) / 1e6);
      this.spans.statusMessage.push(dictionary.string(columns.statusMessage[row] ?? 0));
    }
  }

  private addLogs(topic: Extract<TailTopic, { kind: 'logs' }>, id: ServiceId, batch: Batch<'logs'>): void {
    const { columns } = batch;
    const dictionary = dictionaryReader(batch.dictionary);
    const matches = logPredicate(
      {
        ...(topic.text === undefined ? {} : { text: topic.text }),
        ...(topic.minSeverity === undefined ? {} : { minSeverity: topic.minSeverity }),
      },
      batch,
    );
    for (let row = 0; row < batch.rowCount; row += 1) {
      if (!matches(row) || !this.hasRoom()) continue;
      this.logs.timeUnixNano.push(String(logTime(batch, row)));
      this.logs.service.push(id);
      this.logs.severityNumber.push(columns.severityNumber[row] ?? 0);
      this.logs.severityText.push(dictionary.string(columns.severityText[row] ?? 0));
      this.logs.body.push(bodyText(batch, row));
      this.logs.traceId.push(idHex(columns.traceId, 16, row));
      this.logs.spanId.push(idHex(columns.spanId, 8, row));
    }
  }
}

function spanFilterOf({
  text,
  errorsOnly,
  minDurationMs,
}: Extract<TailTopic, { kind: 'spans' }>): SpanFilter {
  return {
    ...(text === undefined ? {} : { text }),
    ...(errorsOnly === true ? { status: 'error' } : {}),
    ...(minDurationMs === undefined ? {} : { minDurationNano: BigInt(Math.round(minDurationMs * 1e6)) }),
  };
}
