import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { ClickHouseSettings } from '@clickhouse/client';

import type { ArchiveSegment, TelemetryArchive } from '../../../actors/ports/index.ts';
import type { ServiceBatch, Signal } from '../../../proto/columns/index.ts';
import {
  BatchEncoder,
  EntryEncoder,
  EntryIds,
  emptyColumns,
  operationFiguresBlock,
  serviceFiguresBlock,
  type FiguresBlock,
  type SegmentKey,
} from '../../../workers/native/index.ts';
import { SegmentFigures } from '../../../workers/red/index.ts';
import type { Connection } from './connection.ts';
import type { MetricRollups } from './metric-rollups.ts';
import { ONE_BLOCK } from './one-block.ts';
import { COUNTED_TABLES, insertOfSpans, RED_PARAMETERS } from './rollups.ts';

const TABLES = { traces: 'spans', logs: 'logs', metrics: 'metric_points' } as const satisfies Record<
  Signal,
  string
>;

/**
 * Rows of a block on the wire. Blocks of 65,536 rows (11 MB) outlive young collections and make V8 mark its heap, twice as
 * often over a segment; smaller ones than this cost the engine more (0.07 µs a span with 8,192).
 */
const BLOCK_ROWS = 16_384;
/** Rows between two turns of the event loop; about a millisecond. */
const TURN_ROWS = 1_024;
const MS_PER_DAY = 86_400_000;
/** Of figures that are counted here, of either table; ClickHouse counts what has more. About 10 MB. */
const FIGURES_ROWS = 32_768;

const TRACE_INDEX_COLUMNS = 'segment, day, traceId, services, firstStartUnixNano, lastStartUnixNano';
const INSERT_TRACE_INDEX = `
  INSERT INTO trace_index (${TRACE_INDEX_COLUMNS})
  SELECT
    {segment:UInt64}, {day:Date}, traceId,
    groupUniqArray(serviceName), min(startTimeUnixNano), max(startTimeUnixNano)
  FROM spans
  WHERE segment = {segment:UInt64} AND day = {day:Date}
  GROUP BY traceId`;

function tokenSettings(segment: number, table: string): ClickHouseSettings {
  return {
    ...ONE_BLOCK,
    insert_deduplicate: 1,
    insert_deduplication_token: `ophion:${segment}:${table}`,
    // A view that a killed process did not come to gets its rows when the segment comes again.
    deduplicate_blocks_in_dependent_materialized_views: 1,
  };
}

function ofSignal<S extends Signal>(batches: readonly ServiceBatch[], signal: S): ServiceBatch<S>[] {
  return batches.filter(({ batch }) => batch.signal === signal) as unknown as ServiceBatch<S>[];
}

async function* encode<S extends Signal>(
  encoder: BatchEncoder<S>,
  batches: readonly ServiceBatch<S>[],
  onBatch: ((batch: ServiceBatch<S>) => void) | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sinceTurn = 0;
  for (const each of batches) {
    const { service, batch } = each;
    encoder.append(service, batch);
    onBatch?.(each);
    sinceTurn += batch.rowCount;
    if (encoder.rowCount >= BLOCK_ROWS) yield* encoder.takeBlock();
    if (sinceTurn < TURN_ROWS) continue;
    sinceTurn = 0;
    await nextTurn();
  }
  yield* encoder.takeBlock();
}

/**
 * Writes segments to ClickHouse, server or embedded: the entries that the rows need, the rows of each signal as one
 * insert of Native columns, what is derived from them (the index of traces, rollups), then the mark; and the points of
 * hours that are over, rolled up. One caller, one call at a time.
 */
export class ClickHouseArchive implements TelemetryArchive {
  private readonly connection: Connection;
  private readonly now: () => number;
  private readonly rollups: MetricRollups | undefined;
  private readonly ids = new EntryIds();
  /** The segment last begun by this process, and its day. */
  private begun: SegmentKey | undefined;

  /** Without `rollups` metrics are not rolled up. */
  constructor(connection: Connection, now: () => number = Date.now, rollups?: MetricRollups) {
    this.connection = connection;
    this.now = now;
    this.rollups = rollups;
  }

  async archivedThrough(): Promise<number> {
    const [[number] = ['0']] = await this.connection.rows('SELECT max(number) FROM segments');
    return Number(number);
  }

  async insert({ number, batches }: ArchiveSegment): Promise<void> {
    const key = await this.begin(number);
    try {
      await this.insertEntries(key, batches);
      const figures = new SegmentFigures(FIGURES_ROWS);
      const onSpans = ({ service, batch }: ServiceBatch<'traces'>): void => {
        figures.add(service, batch);
      };
      await this.insertRows('traces', key, ofSignal(batches, 'traces'), onSpans);
      await this.insertRows('metrics', key, ofSignal(batches, 'metrics'));
      await this.insertRows('logs', key, ofSignal(batches, 'logs'));
      await this.insertDerived(key, batches, figures);
      await this.connection.run('INSERT INTO segments (number) SELECT {number:UInt64}', { number });
      this.ids.confirm();
    } catch (error) {
      this.ids.revoke();
      throw error;
    }
    await this.rollups?.rollUp(number);
  }

  /**
   * A segment keeps the day under which its first rows came, or it would go to another partition, where they are not
   * known. Only the first segment of this process may have rows of an earlier one: segments come in order.
   */
  private async begin(segment: number): Promise<SegmentKey> {
    if (this.begun?.segment === segment) return this.begun;
    const isCertainlyNew = this.begun !== undefined && segment > this.begun.segment;
    const found = isCertainlyNew ? undefined : await this.dayOfRows(segment);
    this.begun = { segment, day: found ?? Math.floor(this.now() / MS_PER_DAY) };
    return this.begun;
  }

  private async dayOfRows(segment: number): Promise<number | undefined> {
    const tables = Object.values(TABLES).map(
      (table) => `SELECT day FROM ${table} WHERE segment = {segment:UInt64} LIMIT 1`,
    );
    const [row] = await this.connection.rows(
      `SELECT toUInt16(day) FROM (${tables.join(' UNION ALL ')}) LIMIT 1`,
      { segment },
    );
    return row && Number(row[0]);
  }

  /** Entries have no token: a row that is written twice is one row, as its id says. */
  private async insertEntries({ day }: SegmentKey, batches: readonly ServiceBatch[]): Promise<void> {
    this.ids.mark = day;
    let sinceTurn = 0;
    for (const { batch } of batches) {
      this.ids.note(batch);
      sinceTurn += batch.rowCount;
      if (sinceTurn < TURN_ROWS * 8) continue;
      sinceTurn = 0;
      await nextTurn();
    }
    const encoder = new EntryEncoder(day);
    for (const entries of this.ids.takeNew()) encoder.append(entries);
    for (const { table, columnNames, parts } of encoder.take()) {
      await this.connection.insertNative(table, columnNames, Readable.from(parts, { objectMode: false }), {
        ...ONE_BLOCK,
      });
    }
  }

  private async insertRows<S extends Signal>(
    signal: S,
    key: SegmentKey,
    batches: readonly ServiceBatch<S>[],
    onBatch?: (batch: ServiceBatch<S>) => void,
  ): Promise<void> {
    if (batches.length === 0) return;
    const empty = emptyColumns(
      signal,
      batches.map(({ batch }) => batch),
    );
    const encoder = new BatchEncoder(signal, key, this.ids, empty);
    const blocks = Readable.from(encode(encoder, batches, onBatch), {
      objectMode: false,
      highWaterMark: 1024 * 1024,
    });
    const settings = tokenSettings(key.segment, TABLES[signal]);
    await this.connection.insertNative(TABLES[signal], encoder.columnNames, blocks, settings);
  }

  private async insertDerived(
    key: SegmentKey,
    batches: readonly ServiceBatch[],
    figures: SegmentFigures,
  ): Promise<void> {
    const { segment, day } = key;
    await this.rollups?.touch(
      segment,
      ofSignal(batches, 'metrics').map(({ batch }) => batch),
    );
    if (!batches.some(({ batch }) => batch.signal === 'traces')) return;
    const date = new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
    const settings = tokenSettings(segment, 'trace_index');
    await this.connection.run(INSERT_TRACE_INDEX, { segment, day: date }, settings);
    const counted = countedTables(key, figures);
    for (const table of COUNTED_TABLES) {
      const block = counted?.[table];
      if (block) await this.insertBlock(table, block, segment);
      else {
        const parameters = { segment, day: date, ...RED_PARAMETERS };
        await this.connection.run(insertOfSpans(table), parameters, tokenSettings(segment, table));
      }
    }
  }

  private async insertBlock(
    table: string,
    { columnNames, parts }: FiguresBlock,
    segment: number,
  ): Promise<void> {
    const bytes = Readable.from(parts, { objectMode: false });
    await this.connection.insertNative(table, columnNames, bytes, tokenSettings(segment, table));
  }
}

/** The rows as they were counted here. Undefined when there were too many: ClickHouse counts them. */
function countedTables(
  key: SegmentKey,
  { taken }: SegmentFigures,
): Record<(typeof COUNTED_TABLES)[number], FiguresBlock> | undefined {
  return (
    taken && {
      service_red_1s: serviceFiguresBlock(key, taken.seconds),
      red_1m: operationFiguresBlock(key, taken.minutes),
    }
  );
}
