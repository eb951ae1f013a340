import { Readable } from 'node:stream';

import type { ArchiveSegment, PreparedSegment, TelemetryArchive } from '../../../actors/ports/index.ts';
import { SIGNALS, type Batch, type ServiceBatch, type Signal } from '../../../proto/columns/index.ts';
import {
  BatchEncoder,
  EntryEncoder,
  EntryIds,
  emptyColumns,
  type SegmentKey,
} from '../../../workers/native/index.ts';
import { hoursOfPoints } from '../../../workers/hours/index.ts';
import { SegmentFigures } from '../../../workers/red/index.ts';
import { ClickHouseSegment, type SpooledRows } from './clickhouse-segment.ts';
import type { Connection } from './connection.ts';
import { LoopShare } from './loop-share.ts';
import type { MetricRollups } from './metric-rollups.ts';
import { ONE_BLOCK } from './one-block.ts';
import { ROW_TABLES } from './row-tables.ts';
import type { Spool, SpoolFile } from './spool.ts';

/** Rows of a block: what is written down at a time. Smaller ones cost the engine more (0.07 µs a span with 8,192). */
const BLOCK_ROWS = 16_384;
/** Of entries between two looks at the clock. */
const ENTRIES_A_PIECE = 64;
const MS_PER_DAY = 86_400_000;
/** Of figures that are counted here, of either table; ClickHouse counts what has more. About 10 MB. */
const FIGURES_ROWS = 32_768;

function ofSignal<S extends Signal>(batches: readonly ServiceBatch[], signal: S): ServiceBatch<S>[] {
  return batches.filter(({ batch }) => batch.signal === signal) as unknown as ServiceBatch<S>[];
}

export interface ClickHouseArchiveOptions {
  readonly connection: Connection;
  readonly spool: Spool;
  /** Unix ms. */
  readonly now: () => number;
  /** Without it metrics are not rolled up. */
  readonly rollups?: MetricRollups;
}

/**
 * Writes segments to ClickHouse, server or embedded. A segment is prepared: the entries that its rows need are written, and
 * its rows, as Native columns, into a file a signal. Then it is inserted, see `ClickHouseSegment`.
 */
export class ClickHouseArchive implements TelemetryArchive {
  private readonly options: ClickHouseArchiveOptions;
  private readonly ids = new EntryIds();
  /** The segment last begun by this process, and its day. */
  private begun: SegmentKey | undefined;

  constructor(options: ClickHouseArchiveOptions) {
    this.options = options;
  }

  async archivedThrough(): Promise<number> {
    const [[number] = ['0']] = await this.options.connection.rows('SELECT max(number) FROM segments');
    return Number(number);
  }

  async prepare({ number, batches }: ArchiveSegment): Promise<PreparedSegment> {
    const { connection, rollups } = this.options;
    const key = await this.begin(number);
    await this.insertEntries(key, batches);
    const figures = new SegmentFigures(FIGURES_ROWS);
    const rows: SpooledRows[] = [];
    try {
      for (const signal of SIGNALS) {
        const spooled = await this.spoolRows(signal, key, ofSignal(batches, signal), figures);
        if (spooled) rows.push(spooled);
      }
    } catch (error) {
      for (const { file } of rows) await file.remove();
      throw error;
    } finally {
      this.ids.trim();
    }
    const hours = hoursOfPoints(ofSignal(batches, 'metrics').map(({ batch }) => batch));
    return new ClickHouseSegment({ connection, rollups, key, rows, figures, hours: [...hours] });
  }

  /**
   * A segment keeps the day under which its first rows came, or it would go to another partition, where they are not
   * known. Only the first segment of this process may have rows of an earlier one: segments come in order.
   */
  private async begin(segment: number): Promise<SegmentKey> {
    if (this.begun?.segment === segment) return this.begun;
    const isCertainlyNew = this.begun !== undefined && segment > this.begun.segment;
    const found = isCertainlyNew ? undefined : await this.dayOfRows(segment);
    this.begun = { segment, day: found ?? Math.floor(this.options.now() / MS_PER_DAY) };
    return this.begun;
  }

  private async dayOfRows(segment: number): Promise<number | undefined> {
    const tables = Object.values(ROW_TABLES).map(
      (table) => `SELECT day FROM ${table} WHERE segment = {segment:UInt64} LIMIT 1`,
    );
    const [row] = await this.options.connection.rows(
      `SELECT toUInt16(day) FROM (${tables.join(' UNION ALL ')}) LIMIT 1`,
      { segment },
    );
    return row && Number(row[0]);
  }

  /** Entries have no token: a row that is written twice is one row, as its id says. */
  private async insertEntries(key: SegmentKey, batches: readonly ServiceBatch[]): Promise<void> {
    try {
      const encoder = await this.newEntries(key, batches);
      for (const { table, columnNames, parts } of encoder.take()) {
        const blocks = Readable.from(parts, { objectMode: false });
        await this.options.connection.insertNative(table, columnNames, blocks, { ...ONE_BLOCK });
      }
    } catch (error) {
      this.ids.revoke();
      throw error;
    }
    this.ids.confirm();
  }

  private async newEntries({ day }: SegmentKey, batches: readonly ServiceBatch[]): Promise<EntryEncoder> {
    const share = new LoopShare();
    this.ids.mark = day;
    for (const { batch } of batches) {
      this.ids.note(batch);
      if (share.isOver()) await share.next();
    }
    const encoder = new EntryEncoder(day);
    for (const entries of this.ids.takeNew()) {
      for (let from = 0; from < entries.codes.length; from += ENTRIES_A_PIECE) {
        encoder.append(entries, from, from + ENTRIES_A_PIECE);
        if (share.isOver()) await share.next();
      }
    }
    return encoder;
  }

  private async spoolRows<S extends Signal>(
    signal: S,
    key: SegmentKey,
    batches: readonly ServiceBatch<S>[],
    figures: SegmentFigures,
  ): Promise<SpooledRows | undefined> {
    if (batches.length === 0) return undefined;
    const empty = emptyColumns(
      signal,
      batches.map(({ batch }) => batch),
    );
    const encoder = new BatchEncoder(signal, key, this.ids, empty);
    const file = await this.options.spool.create();
    try {
      await encode(encoder, batches, figures, file);
    } catch (error) {
      await file.close();
      await file.remove();
      throw error;
    }
    await file.close();
    return { signal, columnNames: encoder.columnNames, file };
  }
}

async function encode<S extends Signal>(
  encoder: BatchEncoder<S>,
  batches: readonly ServiceBatch<S>[],
  figures: SegmentFigures,
  file: SpoolFile,
): Promise<void> {
  const share = new LoopShare();
  for (const { service, batch } of batches) {
    encoder.append(service, batch);
    if (isTraces(batch)) figures.add(service, batch);
    if (encoder.rowCount >= BLOCK_ROWS) await file.append(encoder.takeBlock());
    if (share.isOver()) await share.next();
  }
  await file.append(encoder.takeBlock());
}

function isTraces(batch: Batch): batch is Batch<'traces'> {
  return batch.signal === 'traces';
}
