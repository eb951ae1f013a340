import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';

import type { QueryRun } from '../../../actors/ports/index.ts';
import { Turns } from '../../../actors/query/index.ts';
import { type NativeBlock, readNativeBlocks } from '../../../workers/native/index.ts';
import type { KnownEntries } from './history/known-entries.ts';
import { readError } from './read-error.ts';
import { requireVisibility } from './visible-mark.ts';
import type { Parameters, Reader } from './reader.ts';

/** What is zero is left out. */
interface Progress {
  readonly read_rows?: string;
  readonly read_bytes?: string;
}

/** Limits of the run as settings of one of its queries. */
export function runSettings({ limits }: QueryRun): ClickHouseSettings {
  return {
    // Both are needed: a server stops when the connection closes, and no query outlives its deadline anywhere.
    cancel_http_readonly_queries_on_client_close: 1,
    max_execution_time: Math.ceil(limits.deadlineMs / 1_000),
    max_rows_to_read: String(limits.maxRowsRead),
    max_bytes_to_read: String(limits.maxBytesRead),
    // An error in mid-answer would otherwise come as a part of it.
    wait_end_of_query: 1,
  };
}

/** Reads for one question. */
export class RunReader implements Reader {
  private readonly client: ClickHouseClient;
  readonly run: QueryRun;
  readonly known: KnownEntries;

  constructor(client: ClickHouseClient, run: QueryRun, known: KnownEntries) {
    this.client = client;
    this.run = run;
    this.known = known;
  }

  async records<Row>(sql: string, parameters: Parameters = {}): Promise<Row[]> {
    const { run } = this;
    requireVisibility(sql, run);
    run.signal.throwIfAborted();
    try {
      const result = await this.client.query({
        query: sql,
        query_params: { ...parameters },
        // chDB says nowhere else what a query read.
        format: 'JSONEachRowWithProgress',
        abort_signal: run.signal,
        clickhouse_settings: runSettings(run),
      });
      const found: Row[] = [];
      let rowsRead = 0;
      const turns = new Turns(run.signal);
      let bytesRead = 0;
      // Chunk by chunk: parsing all of a large answer at once would hold the event loop.
      for await (const rows of result.stream<Row>()) {
        run.signal.throwIfAborted();
        for (const row of rows) {
          const line = row.json();
          if ('row' in line) found.push(line.row);
          else if ('progress' in line) {
            const { read_rows = '0', read_bytes = '0' } = line.progress as Progress;
            rowsRead = Math.max(rowsRead, Number(read_rows));
            bytesRead = Math.max(bytesRead, Number(read_bytes));
          }
          if (turns.isOver()) await turns.next();
        }
      }
      run.signal.throwIfAborted();
      run.countRead('cold', rowsRead, bytesRead);
      return found;
    } catch (error) {
      throw readError(error, run);
    }
  }

  async rows(sql: string, parameters: Parameters = {}): Promise<unknown[][]> {
    return (await this.records<Readonly<Record<string, unknown>>>(sql, parameters)).map(Object.values);
  }

  async columns(sql: string, parameters: Parameters = {}): Promise<readonly NativeBlock[]> {
    const { run } = this;
    requireVisibility(sql, run);
    run.signal.throwIfAborted();
    try {
      const { stream } = await this.client.exec({
        query: `${sql} FORMAT Native`,
        query_params: { ...parameters },
        abort_signal: run.signal,
        clickhouse_settings: runSettings(run),
      });
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream) {
        run.signal.throwIfAborted();
        chunks.push(chunk as Uint8Array);
      }
      const bytes = Buffer.concat(chunks);
      run.countRead('cold', 0, bytes.length);
      const blocks: NativeBlock[] = [];
      for (const block of readNativeBlocks(bytes)) {
        blocks.push(block);
        await nextTurn();
        run.signal.throwIfAborted();
      }
      return blocks;
    } catch (error) {
      throw readError(error, run);
    }
  }
}
