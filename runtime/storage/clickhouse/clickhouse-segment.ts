import { Readable } from 'node:stream';

import type { ClickHouseSettings } from '@clickhouse/client';

import { PreparedSegmentGoneError, type PreparedSegment } from '../../../actors/ports/index.ts';
import type { Signal } from '../../../proto/columns/index.ts';
import {
  operationFiguresBlock,
  serviceFiguresBlock,
  type FiguresBlock,
  type SegmentKey,
} from '../../../workers/native/index.ts';
import type { SegmentFigures } from '../../../workers/red/index.ts';
import type { Connection } from './connection.ts';
import type { MetricRollups } from './metric-rollups.ts';
import { ONE_BLOCK } from './one-block.ts';
import { COUNTED_TABLES, insertOfSpans, RED_PARAMETERS, type RedTable } from './rollups.ts';
import { ROW_TABLES } from './row-tables.ts';
import type { SpoolFile } from './spool.ts';

const MS_PER_DAY = 86_400_000;

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

/** Rows of one signal, written down. */
export interface SpooledRows {
  readonly signal: Signal;
  readonly columnNames: readonly string[];
  readonly file: SpoolFile;
}

export interface ClickHouseSegmentOptions {
  readonly connection: Connection;
  readonly rollups: MetricRollups | undefined;
  readonly key: SegmentKey;
  readonly rows: readonly SpooledRows[];
  /** Of its spans. */
  readonly figures: SegmentFigures;
  /** In which its metric points are, since 1970-01-01. */
  readonly hours: readonly number[];
}

/**
 * A prepared segment: its rows, one insert a signal, what is derived from them (the index of traces, rollups), then the
 * mark; and the points of hours that are over, rolled up.
 */
export class ClickHouseSegment implements PreparedSegment {
  private readonly options: ClickHouseSegmentOptions;

  constructor(options: ClickHouseSegmentOptions) {
    this.options = options;
  }

  async insert(): Promise<void> {
    const { connection, rollups, key, rows, hours } = this.options;
    const { segment } = key;
    // What was counted here does not wait for the rows: the engine has a thread for each.
    await both(this.insertRows(), this.insertCounted());
    await rollups?.touch(segment, hours);
    await connection.run('INSERT INTO segments (number) SELECT {number:UInt64}', { number: segment });
    for (const { file } of rows) await file.remove();
    await rollups?.rollUp(segment);
  }

  private get hasSpans(): boolean {
    return this.options.rows.some(({ signal }) => signal === 'traces');
  }

  private async insertRows(): Promise<void> {
    const { connection, key, rows, figures } = this.options;
    const { segment, day } = key;
    for (const { signal, columnNames, file } of rows) {
      if (!(await file.isThere())) throw new PreparedSegmentGoneError(segment, file.path);
      const table = ROW_TABLES[signal];
      await connection.insertFile(table, columnNames, file.path, tokenSettings(segment, table));
    }
    if (!this.hasSpans) return;
    const parameters = { segment, day: new Date(day * MS_PER_DAY).toISOString().slice(0, 10) };
    await connection.run(INSERT_TRACE_INDEX, parameters, tokenSettings(segment, 'trace_index'));
    if (figures.taken) return;
    for (const table of COUNTED_TABLES) {
      const settings = tokenSettings(segment, table);
      await connection.run(insertOfSpans(table), { ...parameters, ...RED_PARAMETERS }, settings);
    }
  }

  /** Requests, errors and durations as they were counted here. There are none when it was too much: ClickHouse counts the rows. */
  private async insertCounted(): Promise<void> {
    const { key, figures } = this.options;
    const { taken } = figures;
    if (!taken || !this.hasSpans) return;
    await this.insertBlock('service_red_1s', serviceFiguresBlock(key, taken.seconds));
    await this.insertBlock('red_1m', operationFiguresBlock(key, taken.minutes));
  }

  private async insertBlock(table: RedTable, { columnNames, parts }: FiguresBlock): Promise<void> {
    const { connection, key } = this.options;
    const bytes = Readable.from(parts, { objectMode: false });
    await connection.insertNative(table, columnNames, bytes, tokenSettings(key.segment, table));
  }
}

/** Waits for both, so that nothing is under way when it is tried again. */
async function both(first: Promise<void>, second: Promise<void>): Promise<void> {
  for (const outcome of await Promise.allSettled([first, second])) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
}
