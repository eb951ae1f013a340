import { setTimeout as sleep } from 'node:timers/promises';

import {
  ClickHouseError,
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
  type ClickHouseClientConfigOptions,
} from '@clickhouse/client';

import type {
  RedHistory,
  TelemetryArchive,
  TelemetryHistory,
  TelemetrySizes,
} from '../../../actors/ports/index.ts';
import type { ErrorCode } from '../../../proto/errors/index.ts';
import { ClickHouseArchive } from './archive.ts';
import { connect } from './connection.ts';
import type { EmbeddedClickHouse } from './engine/embedded-clickhouse.ts';
import { ClickHouseHistory } from './history/history.ts';
import { MetricRollups, oldestWholeHour } from './metric-rollups.ts';
import { migrate, type Retention, type SourceUser } from './migrate.ts';
import { SchemaTooNewError } from './schema-error.ts';
import { Spool } from './spool.ts';
import type { ReadOnlySql } from './sql/read-only-sql.ts';

export interface ClickHouseServer {
  /** `http://host:8123` or `https://host:8443`. */
  readonly url: string;
  /** Default: what the URL says, or `default` with no password. */
  readonly username?: string;
  readonly password?: string;
}

export interface OpenClickHouseOptions {
  readonly target: ClickHouseServer | EmbeddedClickHouse;
  /** Letters, digits and `_`; made when it is missing. Default `ophion`. */
  readonly database?: string;
  /** Days that rows are kept. Default 7 of traces and logs, 30 of metrics and their rollups. */
  readonly retentionDays?: Partial<Retention>;
  /** Where rows wait to be inserted; emptied at first. Default: a temporary directory. An embedded engine reads from it. */
  readonly spoolDirectory?: string;
  /** Default: that of the machine, milliseconds. */
  readonly now?: () => number;
  /** An hour of metrics could not be rolled up, and will be tried again; until then queries read its points. */
  readonly onRollupFailure?: (error: unknown) => void;
  /** How long a server may take to answer for the first time. Default 60 s. */
  readonly startTimeoutMs?: number;
  /** Of a read. Default 30 s. */
  readonly queryTimeoutMs?: number;
}

export interface ClickHouseStore {
  readonly archive: TelemetryArchive;
  readonly history: TelemetryHistory & TelemetrySizes & RedHistory;
  readonly sql: ReadOnlySql;
  /** Rejects with `StorageUnavailableError` when the store does not answer. */
  ping(): Promise<void>;
  /** Of the connections; an embedded engine is stopped by who started it. */
  close(): Promise<void>;
}

export const DEFAULT_DATABASE = 'ophion';
const DEFAULT_RETENTION: Retention = { traces: 7, logs: 7, metrics: 30, metricRollups: 30 };
const FIRST_RETRY_MS = 100;
const MOST_RETRY_MS = 2_000;

/** ClickHouse cannot be used as it is configured. `cure` says what to change. */
export class ClickHouseOpenError extends Error {
  readonly code = 'STORAGE_UNAVAILABLE' satisfies ErrorCode;
  readonly cure: string;

  constructor(problem: string, cure: string, cause?: unknown) {
    super(`${problem} ${cure}`, { cause });
    this.name = 'ClickHouseOpenError';
    this.cure = cure;
  }
}

function isEmbedded(target: OpenClickHouseOptions['target']): target is EmbeddedClickHouse {
  return 'clientOptions' in target;
}

interface Address {
  readonly client: ClickHouseClientConfigOptions;
  readonly user: SourceUser | undefined;
  /** Without user, password and parameters. */
  readonly publicName: string;
}

function addressOf(target: OpenClickHouseOptions['target']): Address {
  if (isEmbedded(target)) {
    return { client: { ...target.clientOptions }, user: undefined, publicName: 'the embedded engine' };
  }
  const url = URL.canParse(target.url) ? new URL(target.url) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new ClickHouseOpenError(
      'OPHION_CLICKHOUSE_URL is not an address of a ClickHouse server.',
      'Write it as http://host:8123 or https://host:8443.',
    );
  }
  const username = (target.username ?? decodeURIComponent(url.username)) || 'default';
  const password = target.password ?? decodeURIComponent(url.password);
  const publicName = `${url.protocol}//${url.host}${url.pathname}`;
  return {
    client: { url: publicName, username, password },
    user: { username, password },
    publicName,
  };
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Why the database cannot be used; undefined when it can. */
async function databaseProblem(client: ClickHouseClient, database: string): Promise<Error | undefined> {
  const result = await client.ping({ select: true });
  if (!result.success) return result.error;
  try {
    const found = await client.query({
      query: 'SELECT 1 FROM system.databases WHERE name = {database:String}',
      query_params: { database },
      format: 'JSONCompactEachRow',
    });
    if ((await found.json<unknown[]>()).length > 0) return undefined;
    await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Waits until the server answers, and makes the database when it is missing. */
async function prepareDatabase(
  options: ClickHouseClientConfigOptions,
  database: string,
  deadline: number,
): Promise<void> {
  const client = createClient({
    ...options,
    log: { level: ClickHouseLogLevel.OFF },
    request_timeout: 10_000,
  });
  try {
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(waitMs * 2, MOST_RETRY_MS)) {
      const problem = await databaseProblem(client, database);
      if (problem === undefined) return;
      // A server that answers with a refusal will not think better of it.
      if (problem instanceof ClickHouseError) throw problem;
      if (performance.now() + waitMs > deadline) throw problem;
      await sleep(waitMs);
    }
  } finally {
    await client.close();
  }
}

/**
 * Connects to a ClickHouse server or the embedded engine, and brings the database to this version's schema. Rejects
 * with `ClickHouseOpenError` when no server answers in time or refuses, with `SchemaTooNewError` when the database is
 * a newer version's.
 */
export async function openClickHouse(options: OpenClickHouseOptions): Promise<ClickHouseStore> {
  const { target, database = DEFAULT_DATABASE, startTimeoutMs = 60_000, queryTimeoutMs = 30_000 } = options;
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(database)) {
    throw new ClickHouseOpenError(
      `The ClickHouse database cannot be called ${JSON.stringify(database)}.`,
      'Use letters, digits and _ in OPHION_CLICKHOUSE_DATABASE.',
    );
  }
  const { client, user, publicName: where } = addressOf(target);
  try {
    await prepareDatabase(client, database, performance.now() + startTimeoutMs);
  } catch (error) {
    throw new ClickHouseOpenError(
      `ClickHouse at ${where} cannot be used: ${reason(error)}`,
      'Check that it runs and that OPHION_CLICKHOUSE_URL, its user and its password are right.',
      error,
    );
  }
  const connection = connect({ client, database, queryTimeoutMs, sharesFiles: isEmbedded(target) });
  const retention = { ...DEFAULT_RETENTION, ...options.retentionDays };
  const { now = Date.now, onRollupFailure: onFailure = () => undefined } = options;
  try {
    await migrate(connection, retention, user);
  } catch (error) {
    await connection.close();
    if (error instanceof SchemaTooNewError) throw error;
    throw new ClickHouseOpenError(
      `The tables, dictionaries and views of database ${database} in ClickHouse at ${where} could not be made: ${reason(error)}`,
      'Its user needs all privileges on that database (GRANT ALL ON the database).',
      error,
    );
  }
  const spool = new Spool(options.spoolDirectory);
  const rollups = new MetricRollups({ connection, retentionDays: retention.metrics, now, onFailure });
  return {
    archive: new ClickHouseArchive({ connection, spool, now, rollups }),
    history: new ClickHouseHistory(connection, () => oldestWholeHour(now(), retention.metrics)),
    sql: connection.sql,
    ping: () => connection.ping(),
    close: async () => {
      await connection.close();
      await spool.close();
    },
  };
}
