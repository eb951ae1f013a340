import type { Connection } from './connection.ts';
import { RED_TABLES } from './rollups.ts';
import { SchemaTooNewError } from './schema-error.ts';
import { readSqlFiles } from './sql-files.ts';

export interface Retention {
  readonly traces: number;
  readonly logs: number;
  readonly metrics: number;
  /** Of what metrics were in each hour. */
  readonly metricRollups: number;
}

/** User whom the dictionaries read as; the embedded engine needs none. */
export interface SourceUser {
  readonly username: string;
  readonly password: string;
}

const VERSION_TABLE = `
  CREATE TABLE IF NOT EXISTS schema_versions (version UInt32, name String, appliedAt DateTime DEFAULT now())
  ENGINE = MergeTree ORDER BY version`;

/**
 * What keeps merging cheap and an insert on the disk, for the tables that rows are archived to. Parts of less than 32 MiB
 * uncompressed are compact, so that small segments sync a few files instead of one a column; those of full segments (90 MB)
 * are wide, since merging compact ones takes a third more: see note 2 in decisions.
 */
const ROW_TABLE_SETTINGS = {
  min_bytes_for_wide_part: 33_554_432,
  ttl_only_drop_parts: 1,
};
const SETTINGS = {
  fsync_after_insert: 1,
  fsync_part_directory: 1,
  min_rows_to_fsync_after_merge: 1,
};

const ROW_TABLES = [
  'spans',
  'logs',
  'metric_points',
  'trace_index',
  'metric_hours',
  'metric_slots',
  'metric_days',
  ...RED_TABLES,
] as const;
const ENTRY_TABLES = ['attributes', 'resources', 'scopes', 'metrics'] as const;
const HOUR_TABLES = ['touched_hours', 'rolled_hours'] as const;
const MARK_TABLES = ['segments', ...HOUR_TABLES] as const;

/** Entries outlive the rows that need them: they are written on the day before such a row at the earliest. */
const ENTRY_SURPLUS_DAYS = 2;

async function applyMigrations(connection: Connection): Promise<void> {
  await connection.run(VERSION_TABLE);
  const files = await readSqlFiles('migrations');
  const [[found] = ['0']] = await connection.rows('SELECT max(version) FROM schema_versions');
  const current = Number(found);
  if (current > files.length) throw new SchemaTooNewError(connection.database, current, files.length);
  for (const [index, { name, statements }] of files.entries()) {
    const version = index + 1;
    if (version <= current) continue;
    for (const statement of statements) await connection.run(statement);
    await connection.run(
      'INSERT INTO schema_versions (version, name) SELECT {version:UInt32}, {name:String}',
      { version, name },
    );
  }
}

type Definitions = ReadonlyMap<string, string>;

async function readDefinitions(connection: Connection): Promise<Definitions> {
  const rows = await connection.rows(
    'SELECT name, create_table_query FROM system.tables WHERE database = {database:String}',
    { database: connection.database },
  );
  return new Map(rows.map(([name, definition]) => [String(name), String(definition)]));
}

async function applySettings(connection: Connection, definitions: Definitions): Promise<void> {
  // An older server may lack one; the others are worth setting all the same.
  const known = new Set((await connection.rows('SELECT name FROM system.merge_tree_settings')).flat());
  for (const table of [...ROW_TABLES, ...ENTRY_TABLES, ...MARK_TABLES]) {
    const isRowTable = (ROW_TABLES as readonly string[]).includes(table);
    const assignments = Object.entries(isRowTable ? { ...SETTINGS, ...ROW_TABLE_SETTINGS } : SETTINGS)
      .filter(([name]) => known.has(name))
      .map(([name, value]) => `${name} = ${value}`)
      .filter((assignment) => definitions.get(table)?.includes(assignment) !== true);
    if (assignments.length > 0) {
      await connection.run(`ALTER TABLE ${table} MODIFY SETTING ${assignments.join(', ')}`);
    }
  }
}

async function applyRetention(
  connection: Connection,
  definitions: Definitions,
  retention: Retention,
): Promise<void> {
  const longest = Math.max(...(Object.values(retention) as number[])) + ENTRY_SURPLUS_DAYS;
  const wanted: readonly (readonly [table: string, column: string, days: number])[] = [
    ['spans', 'day', retention.traces],
    ['trace_index', 'day', retention.traces],
    ...RED_TABLES.map((table) => [table, 'day', retention.traces] as const),
    ['logs', 'day', retention.logs],
    ['metric_points', 'day', retention.metrics],
    ['metric_hours', 'day', retention.metricRollups],
    ['metric_slots', 'day', retention.metrics],
    ['metric_days', 'day', retention.metricRollups],
    ...HOUR_TABLES.map((table) => [table, 'day', retention.metricRollups] as const),
    ...ENTRY_TABLES.map((table) => [table, 'seen', longest] as const),
  ];
  for (const [table, column, days] of wanted) {
    const ttl = `${column} + toIntervalDay(${Math.trunc(days)})`;
    if (definitions.get(table)?.includes(`TTL ${ttl}`)) continue;
    // What is too old goes with the next merge of its own: no need to rewrite everything now.
    await connection.run(`ALTER TABLE ${table} MODIFY TTL ${ttl}`, {}, { materialize_ttl_after_modify: 0 });
  }
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** Made anew at every start: the user may have changed, and so may what a view shows. */
async function applyViews(connection: Connection, user: SourceUser | undefined): Promise<void> {
  const { database } = connection;
  const credentials = user ? ` USER ${quote(user.username)} PASSWORD ${quote(user.password)}` : '';
  const source = `DB '${database}'${credentials}`;
  for (const { statements } of await readSqlFiles('views')) {
    for (const statement of statements) {
      await connection.run(
        statement.replaceAll('${database}', database).replaceAll('${source}', () => source),
      );
    }
  }
}

/** Brings the database to this version's schema, settings, retention (in days) and views. Changes nothing twice. */
export async function migrate(
  connection: Connection,
  retention: Retention,
  user: SourceUser | undefined,
): Promise<void> {
  await applyMigrations(connection);
  const definitions = await readDefinitions(connection);
  await applySettings(connection, definitions);
  await applyRetention(connection, definitions, retention);
  await applyViews(connection, user);
}
