import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';

import {
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
  type ClickHouseSettings,
  type ClickHouseClientConfigOptions,
} from '@clickhouse/client';

import { StorageUnavailableError, type QueryRun } from '../../../actors/ports/index.ts';
import type { Parameters, Reader } from './reader.ts';
import { KnownEntries } from './history/known-entries.ts';
import { RunReader } from './run-reader.ts';
import { ReadOnlySql } from './sql/read-only-sql.ts';

/** What the archive and the history ask of ClickHouse; the same for a server and the embedded engine. */
export interface Connection {
  readonly database: string;
  /** Rows as arrays of values: 64-bit integers as strings, NaN and the infinities as `nan`, `inf`, `-inf`. */
  rows(sql: string, parameters?: Parameters): Promise<unknown[][]>;
  /** Reads within the limits of a question, and stops the engine when nobody waits for it any more. */
  reader(run: QueryRun): Reader;
  /** What callers' SQL is run with. */
  readonly sql: ReadOnlySql;
  run(sql: string, parameters?: Parameters, settings?: ClickHouseSettings): Promise<void>;
  /** `INSERT … FORMAT Native`, with the blocks as its body. */
  insertNative(
    table: string,
    columnNames: readonly string[],
    blocks: Readable,
    settings: ClickHouseSettings,
  ): Promise<void>;
  /** The same with the blocks of a file. */
  insertFile(
    table: string,
    columnNames: readonly string[],
    path: string,
    settings: ClickHouseSettings,
  ): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly client: ClickHouseClientConfigOptions;
  readonly database: string;
  /** Of a read; of a write ten times as much. */
  readonly queryTimeoutMs: number;
  /** The engine can open the files of this process. Default: it cannot, they are sent. */
  readonly sharesFiles?: boolean;
}

const WRITE_TIMEOUT_FACTOR = 10;
/** A result of more rows or bytes is refused: every caller sets a limit far below. */
const MAX_RESULT_ROWS = '2000000';
const READ_AHEAD = { highWaterMark: 1024 * 1024 };
const MAX_RESULT_BYTES = '1000000000';

export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new StorageUnavailableError('ClickHouse', error);
  }
}

async function consume(stream: Readable): Promise<void> {
  stream.resume();
  await once(stream, 'close');
}

function insertInto(table: string, columnNames: readonly string[]): string {
  return `INSERT INTO ${quoteIdentifier(table)} (${columnNames.map(quoteIdentifier).join(', ')})`;
}

class ClientConnection implements Connection {
  readonly database: string;
  readonly sql: ReadOnlySql;
  private readonly known = new KnownEntries();
  private readonly reading: ClickHouseClient;
  private readonly writing: ClickHouseClient;
  private readonly sharesFiles: boolean;

  constructor({ client, database, queryTimeoutMs, sharesFiles = false }: ConnectionOptions) {
    this.database = database;
    this.sharesFiles = sharesFiles;
    const shared = { ...client, database, log: { level: ClickHouseLogLevel.OFF } };
    this.reading = createClient({
      ...shared,
      request_timeout: queryTimeoutMs + 2_000,
      clickhouse_settings: {
        max_execution_time: Math.ceil(queryTimeoutMs / 1_000),
        max_result_rows: MAX_RESULT_ROWS,
        max_result_bytes: MAX_RESULT_BYTES,
        output_format_json_quote_64bit_integers: 1,
        output_format_json_quote_denormals: 1,
      },
    });
    this.sql = new ReadOnlySql(this.reading, database);
    this.writing = createClient({ ...shared, request_timeout: queryTimeoutMs * WRITE_TIMEOUT_FACTOR });
  }

  async rows(sql: string, parameters: Parameters = {}): Promise<unknown[][]> {
    const read = async (): Promise<unknown[][]> => {
      const result = await this.reading.query({
        query: sql,
        query_params: { ...parameters },
        format: 'JSONCompactEachRow',
      });
      return result.json<unknown[]>();
    };
    return orUnavailable(read());
  }

  reader(run: QueryRun): Reader {
    return new RunReader(this.reading, run, this.known);
  }

  async run(sql: string, parameters: Parameters = {}, settings: ClickHouseSettings = {}): Promise<void> {
    await orUnavailable(
      this.writing.command({
        query: sql,
        query_params: { ...parameters },
        clickhouse_settings: { ...settings, wait_end_of_query: 1 },
      }),
    );
  }

  async insertNative(
    table: string,
    columnNames: readonly string[],
    blocks: Readable,
    settings: ClickHouseSettings,
  ): Promise<void> {
    const query = `${insertInto(table, columnNames)} FORMAT Native`;
    const insert = async (): Promise<void> => {
      const { stream } = await this.writing.exec({
        query,
        values: blocks,
        clickhouse_settings: { ...settings, wait_end_of_query: 1 },
      });
      await consume(stream);
    };
    try {
      await orUnavailable(insert());
    } finally {
      blocks.destroy();
    }
  }

  async insertFile(
    table: string,
    columnNames: readonly string[],
    path: string,
    settings: ClickHouseSettings,
  ): Promise<void> {
    if (!this.sharesFiles) {
      await this.insertNative(table, columnNames, createReadStream(path, READ_AHEAD), settings);
      return;
    }
    // One thread makes one block of it, in the order of the file.
    const query = `${insertInto(table, columnNames)} SELECT * FROM file({path:String}, 'Native')`;
    await this.run(query, { path }, { ...settings, max_threads: 1 });
  }

  async ping(): Promise<void> {
    const result = await this.reading.ping({ select: true });
    if (!result.success) throw new StorageUnavailableError('ClickHouse', result.error);
  }

  async close(): Promise<void> {
    await Promise.all([this.reading.close(), this.writing.close()]);
  }
}

export function connect(options: ConnectionOptions): Connection {
  return new ClientConnection(options);
}
