import {
  BodyKind,
  LAYOUTS,
  type Batch,
  type Layout,
  type ServiceKey,
  type Signal,
} from '../../proto/columns/index.ts';
import { dictionaryReader, readAnyValue } from '../columns/index.ts';
import { WireReader } from '../wire/index.ts';
import { anyValueText } from '../json/index.ts';
import { ByteSink } from './byte-sink.ts';
import { LowCardinalityColumn, sinkFor, type ColumnSink, type NativeColumn } from './column-sinks.ts';
import { isEntryTable, type EntryIds } from './entry-ids.ts';
import { takeBlock } from './native-block.ts';

/** The same value in every row that a batch or segment has. */
class RepeatedColumn implements NativeColumn {
  readonly name: string;
  readonly type: string;
  readonly prefix = new Uint8Array(0);
  private readonly sink = new ByteSink();
  private readonly width: number;

  constructor(column: string, type: 'UInt64' | 'UInt16') {
    this.name = column;
    this.type = type;
    this.width = type === 'UInt64' ? 8 : 2;
  }

  append(value: number, rowCount: number): void {
    if (this.width === 8) for (let row = 0; row < rowCount; row++) this.sink.long(value);
    else {
      for (let row = 0; row < rowCount; row++) {
        this.sink.byte(value & 0xff);
        this.sink.byte(value >>> 8);
      }
    }
  }

  take(): Uint8Array[] {
    return [this.sink.take()];
  }
}

/** Numbers the rows of a segment and signal in the order they came, from 0. */
class OrdinalColumn implements NativeColumn {
  readonly name = 'ordinal';
  readonly type = 'UInt32';
  readonly prefix = new Uint8Array(0);
  private readonly sink = new ByteSink();
  private next = 0;

  append(rowCount: number): void {
    const ordinals = new Uint32Array(rowCount);
    for (let row = 0; row < rowCount; row++) ordinals[row] = this.next + row;
    this.next += rowCount;
    this.sink.append(new Uint8Array(ordinals.buffer));
  }

  take(): Uint8Array[] {
    return [this.sink.take()];
  }
}

class TextColumn implements NativeColumn {
  readonly name: string;
  readonly type = 'String';
  readonly prefix = new Uint8Array(0);
  private readonly sink = new ByteSink();

  constructor(name: string) {
    this.name = name;
  }

  append(text: string): void {
    if (text === '') this.sink.byte(0);
    else {
      const bytes = Buffer.from(text, 'utf8');
      this.sink.string(bytes, 0, bytes.length);
    }
  }

  take(): Uint8Array[] {
    return [this.sink.take()];
  }
}

/** Which rows of the archive these are: the segment, and the day (since 1970-01-01) it is kept under. */
export interface SegmentKey {
  readonly segment: number;
  readonly day: number;
}

/**
 * Columns of the layout that hold nothing but their type's default in all the batches: ClickHouse fills them in for
 * less than they cost on the way. Of a code that is an id, 0 is an entry like any other.
 */
export function emptyColumns<S extends Signal>(signal: S, batches: readonly Batch<S>[]): Set<string> {
  const candidates = Object.entries<Layout>(LAYOUTS[signal]).filter(
    ([, layout]) => layout.kind !== 'code' || !isEntryTable(layout.dictionary),
  );
  const empty = new Set(candidates.map(([name]) => name));
  for (const { buffer, columns } of batches) {
    for (const name of empty) {
      const column = (columns as Readonly<Record<string, unknown>>)[name];
      if (bufferOf(column) === buffer) empty.delete(name);
    }
  }
  return empty;
}

/** A column of zeros, and a list or binary column of empty rows, is a view of a buffer that is not the batch's. */
function bufferOf(column: unknown): ArrayBufferLike {
  return ArrayBuffer.isView(column)
    ? column.buffer
    : (column as { readonly offsets: Int32Array }).offsets.buffer;
}

/**
 * Batches of one signal as blocks of ClickHouse's Native format, straight from the typed arrays. Besides the columns
 * of the layout a row has `segment`, `day`, `serviceNamespace`, `serviceName`, `serviceEnvironment`, a span or log record
 * `ordinal`, a metric point `metricName`, and a log record `bodyText`: the text form of a body that is not text itself.
 *
 * What a batch uses must have been noted by `ids` before it is appended.
 */
export class BatchEncoder<S extends Signal = Signal> {
  rowCount = 0;
  private readonly key: SegmentKey;
  private readonly ids: EntryIds;
  private readonly segment = new RepeatedColumn('segment', 'UInt64');
  // Date on the wire.
  private readonly day = new RepeatedColumn('day', 'UInt16');
  private readonly namespace = new LowCardinalityColumn('serviceNamespace');
  private readonly service = new LowCardinalityColumn('serviceName');
  private readonly environment = new LowCardinalityColumn('serviceEnvironment');
  private readonly ordinal: OrdinalColumn | undefined;
  private readonly metricName: LowCardinalityColumn | undefined;
  private readonly bodyText: TextColumn | undefined;
  private readonly sinks: readonly (readonly [string, ColumnSink])[];
  private readonly columns: readonly NativeColumn[];

  /** Columns of the layout that are named in `omitted` are left out. */
  constructor(signal: S, key: SegmentKey, ids: EntryIds, omitted: ReadonlySet<string> = new Set()) {
    this.key = key;
    this.ids = ids;
    this.ordinal = signal === 'metrics' ? undefined : new OrdinalColumn();
    this.metricName = signal === 'metrics' ? new LowCardinalityColumn('metricName') : undefined;
    this.bodyText = signal === 'logs' ? new TextColumn('bodyText') : undefined;
    this.sinks = Object.entries<Layout>(LAYOUTS[signal])
      .filter(([name]) => !omitted.has(name))
      .map(([name, layout]) => [name, sinkFor(name, layout)]);
    this.columns = [
      this.segment,
      this.day,
      this.namespace,
      this.service,
      this.environment,
      ...(this.ordinal ? [this.ordinal] : []),
      ...(this.metricName ? [this.metricName] : []),
      ...(this.bodyText ? [this.bodyText] : []),
      ...this.sinks.flatMap(([, sink]) => sink.columns),
    ];
  }

  get columnNames(): readonly string[] {
    return this.columns.map(({ name }) => name);
  }

  append({ namespace, name, environment }: ServiceKey, batch: Batch<S>): void {
    const { rowCount, dictionary: snapshot } = batch;
    const codes = { snapshot, ids: this.ids.of(snapshot) };
    const columns = batch.columns as Readonly<Record<string, unknown>>;
    for (const [column, sink] of this.sinks) sink.append(columns[column], 0, rowCount, codes);
    this.segment.append(this.key.segment, rowCount);
    this.day.append(this.key.day, rowCount);
    this.namespace.appendText(namespace, rowCount);
    this.service.appendText(name, rowCount);
    this.environment.appendText(environment, rowCount);
    this.ordinal?.append(rowCount);
    if (this.metricName) appendMetricNames(this.metricName, batch as unknown as Batch<'metrics'>);
    if (this.bodyText) appendBodyTexts(this.bodyText, batch as unknown as Batch<'logs'>);
    this.rowCount += rowCount;
  }

  /** What was appended since the last call; good until more is. */
  takeBlock(): Uint8Array[] {
    const { rowCount } = this;
    this.rowCount = 0;
    return rowCount === 0 ? [] : takeBlock(this.columns, rowCount);
  }
}

/** Points of a metric stand together: one look-up a run. */
function appendMetricNames(
  column: LowCardinalityColumn,
  { columns, dictionary, rowCount }: Batch<'metrics'>,
): void {
  const { metric } = columns;
  const reader = dictionaryReader(dictionary);
  let start = 0;
  for (let row = 1; row <= rowCount; row++) {
    const code = metric[start] ?? 0;
    if (row < rowCount && metric[row] === code) continue;
    column.appendText(reader.metric(code).name, row - start);
    start = row;
  }
}

function appendBodyTexts(column: TextColumn, { columns, rowCount }: Batch<'logs'>): void {
  const { bodyKind, body } = columns;
  const reader = new WireReader();
  for (let row = 0; row < rowCount; row++) {
    if (bodyKind[row] !== BodyKind.anyValue) {
      column.append('');
      continue;
    }
    const bytes = body.bytes.subarray(body.offsets[row], body.offsets[row + 1]);
    column.append(anyValueText(readAnyValue(reader.reset(bytes), bytes.length)));
  }
}
