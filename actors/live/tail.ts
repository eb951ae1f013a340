import type { VisibleServices } from '../../proto/access/index.ts';
import {
  serviceIdOf,
  type AnyBatch,
  type Batch,
  type ServiceBatch,
  type ServiceId,
  type ServiceKey,
} from '../../proto/columns/index.ts';
import { LOG_TAIL_COLUMNS, SPAN_TAIL_COLUMNS, type LiveTopic } from '../../proto/live/index.ts';
import type { ParsedSearch, SearchExpression } from '../../proto/query/index.ts';
import { dictionaryReader } from '../../workers/columns/index.ts';
import { emptyFrame, encodeFrame } from '../../workers/frames/index.ts';
import { bodyText, idHex } from '../../workers/json/index.ts';
import { logTime } from '../../workers/scan/index.ts';
import {
  logSearch,
  parseSearch,
  RowSelection,
  spanSearch,
  visibilityTest,
} from '../../workers/search/index.ts';

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

  private readonly search: SearchExpression;
  private readonly isVisible: (service: ServiceKey) => boolean;
  private selection: RowSelection | undefined;
  private generation: number | undefined;

  constructor(topic: TailTopic, search: SearchExpression, visible: VisibleServices) {
    this.topic = topic;
    this.isVisible = visibilityTest(visible);
    this.search = search;
  }

  add({ service, batch }: ServiceBatch): void {
    const { topic } = this;
    const id = serviceIdOf(service);
    if ((topic.service !== undefined && topic.service !== id) || !this.isVisible(service)) return;
    const any = batch as AnyBatch;
    if (any.signal !== (topic.kind === 'spans' ? 'traces' : 'logs')) return;
    const selection = this.selectionFor(any);
    if (selection.select({ service, batch }) === 0) return;
    if (any.signal === 'traces') this.addSpans(id, any, selection.mask);
    else this.addLogs(id, any, selection.mask);
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

  /** A selection remembers what it has found out of each generation; a tail lives long, and looks at the newest only. */
  private selectionFor({ signal, dictionary }: AnyBatch): RowSelection {
    if (!this.selection || this.generation !== dictionary.id) {
      this.selection = new RowSelection(this.search, signal === 'logs' ? 'logs' : 'traces');
      this.generation = dictionary.id;
    }
    return this.selection;
  }

  private addSpans(id: ServiceId, batch: Batch<'traces'>, mask: Uint8Array): void {
    const { columns } = batch;
    const dictionary = dictionaryReader(batch.dictionary);
    for (let row = 0; row < batch.rowCount; row += 1) {
      if (mask[row] === 0 || !this.hasRoom()) continue;
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

  private addLogs(id: ServiceId, batch: Batch<'logs'>, mask: Uint8Array): void {
    const { columns } = batch;
    const dictionary = dictionaryReader(batch.dictionary);
    for (let row = 0; row < batch.rowCount; row += 1) {
      if (mask[row] === 0 || !this.hasRoom()) continue;
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

/** What a topic shows; a line that is no search is told, with the place and what was expected there. */
export function tailSearch(topic: TailTopic): ParsedSearch {
  const parsed = parseSearch(topic.q ?? '', topic.kind === 'spans' ? 'traces' : 'logs');
  if ('error' in parsed) return parsed;
  const shared = { search: parsed.expression, ...(topic.text === undefined ? {} : { text: topic.text }) };
  if (topic.kind === 'logs') {
    const { minSeverity } = topic;
    return { expression: logSearch({ ...shared, ...(minSeverity === undefined ? {} : { minSeverity }) }) };
  }
  const { errorsOnly, minDurationMs } = topic;
  return {
    expression: spanSearch({
      ...shared,
      ...(errorsOnly === true ? { status: 'error' } : {}),
      ...(minDurationMs === undefined ? {} : { minDurationNano: BigInt(Math.round(minDurationMs * 1e6)) }),
    }),
  };
}
