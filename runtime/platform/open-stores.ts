import { join } from 'node:path';
import type { Config } from '../config/index.ts';
import type { Logger } from '../log/index.ts';
import {
  DEFAULT_DATABASE,
  openClickHouse,
  startEmbeddedClickHouse,
  type ClickHouseServer,
  type ClickHouseStore,
  type EmbeddedClickHouse,
} from '../storage/clickhouse/index.ts';
import { mayChangeAuditLog, openControlDatabase, type ControlDatabase } from '../storage/postgres/index.ts';
import type { Teardown } from './teardown.ts';

export interface StoresOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly dataDir: string;
  /** New embedded stores (see `storage/make-templates.ts`); without it the first start takes longer. */
  readonly templatesFolder?: string;
}

export interface Stores {
  readonly clickhouse: ClickHouseStore;
  readonly control: ControlDatabase;
}

/** Both at a time. What did open is closed again when the other does not. */
export async function openStores(options: StoresOptions, teardown: Teardown): Promise<Stores> {
  const [clickhouse, control] = await Promise.allSettled([
    openTelemetryStore(options, teardown),
    openControl(options, teardown),
  ]);
  if (clickhouse.status === 'rejected') throw clickhouse.reason;
  if (control.status === 'rejected') throw control.reason;
  return { clickhouse: clickhouse.value, control: control.value };
}

async function openTelemetryStore(options: StoresOptions, teardown: Teardown): Promise<ClickHouseStore> {
  const { config, log, dataDir } = options;
  const store = await openClickHouse({
    target: await clickHouseTarget(options, teardown),
    database: config.clickhouseDatabase,
    retentionDays: {
      traces: config.tracesRetentionDays,
      logs: config.logsRetentionDays,
      metrics: config.metricsRetentionDays,
      metricRollups: config.metricRollupsRetentionDays,
    },
    onRollupFailure: (error) => {
      log.warn({ error }, 'an hour of metrics could not be rolled up; queries read its points meanwhile');
    },
    spoolDirectory: join(dataDir, 'spool'),
    startTimeoutMs: config.storageWaitSeconds * 1_000,
  });
  teardown.add(() => store.close());
  return store;
}

async function clickHouseTarget(
  { config, log, dataDir, templatesFolder }: StoresOptions,
  teardown: Teardown,
): Promise<ClickHouseServer | EmbeddedClickHouse> {
  const { clickhouseUrl, clickhouseUser, clickhousePassword, clickhouseDatabase } = config;
  if (clickhouseUrl !== undefined) {
    return {
      url: clickhouseUrl,
      ...(clickhouseUser === undefined ? {} : { username: clickhouseUser }),
      ...(clickhousePassword === undefined ? {} : { password: clickhousePassword }),
    };
  }
  const engine = await startEmbeddedClickHouse({
    dataDir: join(dataDir, 'clickhouse'),
    // Another database's tables are not in it.
    ...(templatesFolder !== undefined &&
      clickhouseDatabase === DEFAULT_DATABASE && { template: join(templatesFolder, 'clickhouse') }),
    onExit: (reason) => {
      log.error({ reason }, 'the embedded ClickHouse ended and is started again');
    },
  });
  teardown.add(() => engine.stop());
  return engine;
}

async function openControl(
  { config, log, dataDir, templatesFolder }: StoresOptions,
  teardown: Teardown,
): Promise<ControlDatabase> {
  const control = await openControlDatabase(
    config.postgresUrl === undefined
      ? {
          directory: join(dataDir, 'postgres'),
          ...(templatesFolder === undefined ? {} : { template: join(templatesFolder, 'postgres') }),
        }
      : {
          url: config.postgresUrl,
          ...(config.postgresOwnerUrl === undefined ? {} : { ownerUrl: config.postgresOwnerUrl }),
          patienceMs: config.storageWaitSeconds * 1_000,
          onIdleError: (error) => {
            log.warn({ err: error }, 'a connection to Postgres broke; another is made when needed');
          },
        },
  );
  teardown.add(() => control.close());
  if (config.postgresUrl !== undefined && (await mayChangeAuditLog(control))) {
    log.warn(
      'the user of OPHION_POSTGRES_URL owns the audit log, and could change it: let another user own the tables, and name it in OPHION_POSTGRES_OWNER_URL',
    );
  }
  return control;
}
