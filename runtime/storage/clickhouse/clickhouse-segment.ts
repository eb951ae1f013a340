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
import { COUNTED_TABLES, insertOfSpans, RED_PARAMETERS } from './rollups.ts';
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
    for (const { signal, columnNames, file } of rows) {
      if (!(await file.isThere())) throw new PreparedSegmentGoneError(segment, file.path);
      const table = ROW_TABLES[signal];
      await connection.insertFile(table, columnNames, file.path, tokenSettings(segment, table));
    }
    await rollups?.touch(segment, hours);
    if (rows.some(({ signal }) => signal === 'traces')) await this.insertDerived();
    await connection.run('INSERT INTO segments (number) SELECT {number:UInt64}', { number: segment });
    for (const { file } of rows) await file.remove();
    await rollups?.rollUp(segment);
  }

  private async insertDerived(): Promise<void> {
    const { connection, key, figures } = this.options;
    const { segment, day } = key;
    const date = new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
    const settings = tokenSettings(segment, 'trace_index');
    await connection.run(INSERT_TRACE_INDEX, { segment, day: date }, settings);
    const counted = countedTables(key, figures);
    for (const table of COUNTED_TABLES) {
      const block = counted?.[table];
      if (block) await this.insertBlock(table, block);
      else {
        const parameters = { segment, day: date, ...RED_PARAMETERS };
        await connection.run(insertOfSpans(table), parameters, tokenSettings(segment, table));
      }
    }
  }

  private async insertBlock(table: string, { columnNames, parts }: FiguresBlock): Promise<void> {
    const { connection, key } = this.options;
    const bytes = Readable.from(parts, { objectMode: false });
    await connection.insertNative(table, columnNames, bytes, tokenSettings(key.segment, table));
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
