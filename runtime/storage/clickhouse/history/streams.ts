import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StreamSelection, TimeRange } from '../../../../actors/ports/index.ts';
import type { AttributeJson, MetricJson } from '../../../../proto/api/index.ts';
import { MetricKind, UNKNOWN_SERVICE } from '../../../../proto/columns/index.ts';
import type { NativeBlock, NativeColumn } from '../../../../workers/native/index.ts';
import { readingOfRange } from '../../../../workers/hours/index.ts';
import {
  NO_LISTS,
  NO_NUMBERS,
  NO_POINTS,
  type NumberLists,
  type OtlpStream,
  type PointColumns,
  type StreamChunk,
  type TextAttribute,
} from '../../../../workers/otlp-series/index.ts';
import type { Reader } from '../reader.ts';
import type { Conditions } from './conditions.ts';
import { lookUp, lookUpOrigins, type OriginEntries } from './entry-lookup.ts';
import { inTurns } from './in-turns.ts';
import { conditionsOf, rolledHours } from './rolled-hours.ts';
import { listed } from './stream-listing.ts';
import { hourColumns, pointColumns } from './stream-columns.ts';
import { anyValueJsonText } from '../../../../workers/json/index.ts';

/** Streams made between two turns of the event loop; some milliseconds. */
const TURN_STREAMS = 1_024;
const STREAM_KEY = 'metric, resource, scope, attributes, explicitBounds';

/** `oldestWhole`: see `rolledHours`. */
export async function metricStreams(
  reader: Reader,
  selection: StreamSelection,
  range: TimeRange,
  through: number,
  oldestWhole: number,
): Promise<StreamChunk[]> {
  const read = async (table: string, where: Conditions, columns: string[]): Promise<StreamRow[]> => {
    meant(where, selection);
    const statement = `SELECT ${[STREAM_KEY, ...columns].join(', ')} FROM ${table} WHERE ${where.sql} GROUP BY ${STREAM_KEY}`;
    return readStreams(await reader.columns(statement, where.parameters));
  };
  const rows = selection.needsPoints
    ? await withPoints(reader, selection, range, through, oldestWhole, read)
    : distinct(await listed(reader, range, through, oldestWhole, (table, where) => read(table, where, [])));
  return streamChunks(reader, rows);
}

/** What was found in days, hours and points alike, once. */
function distinct(rows: readonly StreamRow[]): StreamRow[] {
  const keyOf = ({ metric, resource, scope, attributes, points }: StreamRow): string =>
    [metric, resource, scope, attributes.join(), points.bounds.join()].join(' ');
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}

async function withPoints(
  reader: Reader,
  selection: StreamSelection,
  range: TimeRange,
  through: number,
  oldestWhole: number,
  read: (table: string, where: Conditions, columns: string[]) => Promise<StreamRow[]>,
): Promise<StreamRow[]> {
  const { reading = readingOfRange(range), figure } = selection;
  const rolled =
    figure === undefined
      ? { hours: [], slots: [], segments: new Map<number, number>(), points: reading.ranges }
      : await rolledHours(reader, reading, through, oldestWhole);
  const { ofHours, ofSlots, ofPoints } = conditionsOf(reader, rolled, through);
  const pieces: Promise<StreamRow[]>[] = [];
  if (rolled.points.length > 0) {
    pieces.push(
      reader.run.timed('cold points', () => read('metric_points', ofPoints, pointColumns(selection))),
    );
  }
  const columns = figure ? hourColumns(selection, figure) : [];
  const rollup = (table: string, where: Conditions): Promise<StreamRow[]> =>
    read(table, where.add('samples > 0'), columns);
  if (rolled.slots.length > 0) {
    pieces.push(reader.run.timed('cold rollup 5m', () => rollup('metric_slots', ofSlots)));
  }
  if (rolled.hours.length > 0) {
    pieces.push(reader.run.timed('cold rollup 1h', () => rollup('metric_hours', ofHours)));
  }
  return (await Promise.all(pieces)).flat();
}

async function readStreams(blocks: readonly NativeBlock[]): Promise<StreamRow[]> {
  const rows: StreamRow[] = [];
  for (const block of blocks) {
    for (const row of streamRows(block)) {
      rows.push(row);
      if (rows.length % TURN_STREAMS === 0) await nextTurn();
    }
  }
  return rows;
}

async function streamChunks(reader: Reader, rows: readonly StreamRow[]): Promise<StreamChunk[]> {
  const origins = await lookUpOrigins(
    reader,
    rows,
    rows.flatMap(({ attributes }) => attributes),
  );
  const metrics = await lookUp(
    reader,
    'metrics',
    rows.map(({ metric }) => metric),
  );
  const chunks: StreamChunk[] = [];
  await inTurns(rows, (row) => {
    chunks.push({ stream: streamOf(row, metrics.get(row.metric), origins), points: row.points });
  });
  return chunks;
}

function meant(where: Conditions, selection: StreamSelection): Conditions {
  where.add('metricName IN {names:Array(String)} AND metricKind = {kind:UInt8}', {
    names: selection.names,
    kind: MetricKind[selection.kind],
  });
  for (const [i, { name, value }] of selection.labels.entries()) {
    where.add(
      `arrayExists(id -> id IN (
         SELECT id FROM attributes WHERE value = {label${i}:String}
         AND (key = {name${i}:String} OR replaceRegexpAll(key, '[^a-zA-Z0-9_]', '_') = {name${i}:String})
       ), attributes)`,
      { [`name${i}`]: name, [`label${i}`]: value },
    );
  }
  if (selection.job === undefined) return where;
  const job = "if(serviceNamespace = '', serviceName, concat(serviceNamespace, '/', serviceName))";
  // Of a service without a name an attribute may be the job.
  return where.add(`${job} = {job:String} OR serviceName = {unnamed:String}`, {
    job: selection.job,
    unnamed: UNKNOWN_SERVICE,
  });
}

interface StreamRow {
  readonly metric: string;
  readonly resource: string;
  readonly scope: string;
  readonly attributes: readonly string[];
  readonly points: PointColumns;
}

function* streamRows(block: NativeBlock): Generator<StreamRow> {
  for (let row = 0; row < block.rowCount; row++) {
    yield {
      metric: idAt(block, 'metric', row),
      resource: idAt(block, 'resource', row),
      scope: idAt(block, 'scope', row),
      attributes: idsAt(block, 'attributes', row),
      points: pointsAt(block, row),
    };
  }
}

function pointsAt(block: NativeBlock, row: number): PointColumns {
  const column = (name: string): Float64Array => numbersAt(block, `p_${name}`, row);
  const lists = (items: string, itemLengths = `${items}Lengths`): NumberLists => {
    const own = column(items);
    return block.columns.has(`p_${itemLengths}`)
      ? { items: own, ends: runningEnds(column(itemLengths)) }
      : NO_LISTS;
  };
  const timesMs = column('timesMs');
  if (!block.columns.has('p_timesMs')) {
    return { ...NO_POINTS, bounds: numbersAt(block, 'explicitBounds', row) };
  }
  return {
    timesMs,
    isStale: bytesAt(block, 'p_isStale', row),
    values: column('values'),
    counts: column('counts'),
    sums: column('sums'),
    buckets: lists('buckets', 'bucketLengths'),
    bounds: numbersAt(block, 'explicitBounds', row),
    scales: column('scales'),
    zeroCounts: column('zeroCounts'),
    zeroThresholds: column('zeroThresholds'),
    positiveOffsets: column('positiveOffsets'),
    positive: lists('positive'),
    negativeOffsets: column('negativeOffsets'),
    negative: lists('negative'),
    quantiles: lists('quantiles', 'quantileLengths'),
    quantileValues: lists('quantileValues', 'quantileLengths'),
    weights: column('weights'),
  };
}

function runningEnds(itemLengths: Float64Array): Uint32Array {
  const ends = new Uint32Array(itemLengths.length);
  let end = 0;
  for (let at = 0; at < itemLengths.length; at++) {
    end += itemLengths[at] ?? 0;
    ends[at] = end;
  }
  return ends;
}

function listAt(
  block: NativeBlock,
  name: string,
  row: number,
): { items: NativeColumn; from: number; to: number } | undefined {
  const column = block.columns.get(name);
  if (column?.kind !== 'lists') return undefined;
  return {
    items: column.items,
    from: row === 0 ? 0 : (column.ends[row - 1] ?? 0),
    to: column.ends[row] ?? 0,
  };
}

export function numbersAt(block: NativeBlock, name: string, row: number): Float64Array {
  const list = listAt(block, name, row);
  if (list?.items.kind === 'ids') return wholeNumbers(list.items.ids.subarray(list.from, list.to));
  return list?.items.kind === 'numbers' ? list.items.numbers.subarray(list.from, list.to) : NO_NUMBERS;
}

/** Half by half: a BigInt for each would take longer than the query. */
function wholeNumbers(words: BigUint64Array): Float64Array {
  const halves = new Uint32Array(words.buffer, words.byteOffset, words.length * 2);
  const numbers = new Float64Array(new SharedArrayBuffer(words.length * 8));
  for (let at = 0; at < numbers.length; at++) {
    numbers[at] = (halves[2 * at] ?? 0) + (halves[2 * at + 1] ?? 0) * 2 ** 32;
  }
  return numbers;
}

function bytesAt(block: NativeBlock, name: string, row: number): Uint8Array {
  const list = listAt(block, name, row);
  return list?.items.kind === 'bytes' ? list.items.numbers.subarray(list.from, list.to) : new Uint8Array(0);
}

function idsAt(block: NativeBlock, name: string, row: number): string[] {
  const list = listAt(block, name, row);
  return list?.items.kind === 'ids' ? Array.from(list.items.ids.subarray(list.from, list.to), String) : [];
}

export function idAt(block: NativeBlock, name: string, row: number): string {
  const column = block.columns.get(name);
  return column?.kind === 'ids' ? String(column.ids[row]) : '';
}

function streamOf(row: StreamRow, metric: MetricJson, origins: OriginEntries): OtlpStream {
  const { name, version, attributes } = origins.scopes.get(row.scope);
  const { unit, kind, temporality, monotonic } = metric;
  return {
    metric: { name: metric.name, unit, kind, temporality, isMonotonic: monotonic },
    resource: texts(origins.resources.get(row.resource).attributes),
    scope: { name, version, attributes: texts(attributes) },
    attributes: texts(origins.attributes.all(row.attributes)),
  };
}

export const texts = (attributes: readonly AttributeJson[]): TextAttribute[] =>
  attributes.map(({ key, value }): TextAttribute => [key, anyValueJsonText(value)]);
