import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Config } from './config/index.ts';
import type { Logger } from './log.ts';
import {
  openClickHouse,
  startEmbeddedClickHouse,
  type ClickHouseServer,
  type ClickHouseStore,
  type EmbeddedClickHouse,
} from './storage/clickhouse/index.ts';
import { openControlDatabase } from './storage/postgres/index.ts';
import type { Teardown } from './teardown.ts';

export interface StoreOptions {
  readonly config: Config;
  readonly log: Logger;
  /** The directory of a new embedded Postgres; without it the first start takes longer. */
  readonly postgresTemplate?: string;
}

/** The data directory may not be there, or be somebody else's. */
export async function prepareDataDir(path: string): Promise<string> {
  const dataDir = resolve(path);
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Error(
      `the data directory ${dataDir} cannot be made: ${(error as Error).message}; see OPHION_DATA_DIR`,
      {
        cause: error,
      },
    );
  }
  return dataDir;
}

export interface Stores {
  readonly clickhouse: ClickHouseStore;
}

/** Both at a time. What did open is closed again when the other does not. */
export async function openStores(
  options: StoreOptions,
  dataDir: string,
  teardown: Teardown,
): Promise<Stores> {
  const [clickhouse, control] = await Promise.allSettled([
    openTelemetryStore(options, dataDir, teardown),
    openControl(options, dataDir, teardown),
  ]);
  if (clickhouse.status === 'rejected') throw clickhouse.reason;
  if (control.status === 'rejected') throw control.reason;
  return { clickhouse: clickhouse.value };
}

async function openTelemetryStore(
  { config, log }: StoreOptions,
  dataDir: string,
  teardown: Teardown,
): Promise<ClickHouseStore> {
  const target = await clickHouseTarget(config, dataDir, log, teardown);
  const store = await openClickHouse({
    target,
    database: config.clickhouseDatabase,
    retentionDays: {
      traces: config.tracesRetentionDays,
      logs: config.logsRetentionDays,
      metrics: config.metricsRetentionDays,
    },
  });
  teardown.add(() => store.close());
  return store;
}

async function clickHouseTarget(
  config: Config,
  dataDir: string,
  log: Logger,
  teardown: Teardown,
): Promise<ClickHouseServer | EmbeddedClickHouse> {
  if (config.clickhouseUrl !== undefined) {
    return {
      url: config.clickhouseUrl,
      username: config.clickhouseUser,
      password: config.clickhousePassword,
    };
  }
  const engine = await startEmbeddedClickHouse({
    dataDir: join(dataDir, 'clickhouse'),
    onExit: (reason) => {
      log.error({ reason }, 'the embedded ClickHouse ended and is started again');
    },
  });
  teardown.add(() => engine.stop());
  return engine;
}

async function openControl(
  { config, log, postgresTemplate }: StoreOptions,
  dataDir: string,
  teardown: Teardown,
): Promise<void> {
  const control = await openControlDatabase(
    config.postgresUrl === undefined
      ? {
          directory: join(dataDir, 'postgres'),
          ...(postgresTemplate === undefined ? {} : { template: postgresTemplate }),
        }
      : {
          url: config.postgresUrl,
          onIdleError: (error) => {
            log.warn({ err: error }, 'a connection to Postgres broke; another is made when needed');
          },
        },
  );
  teardown.add(() => control.close());
}
