export { startEmbeddedClickHouse, type EmbeddedClickHouse } from './engine/embedded-clickhouse.ts';
export {
  ClickHouseOpenError,
  DEFAULT_DATABASE,
  openClickHouse,
  type ClickHouseServer,
  type ClickHouseStore,
} from './open.ts';
export { SchemaTooNewError } from './schema-error.ts';
export { SqlRefusedError, type ReadOnlySql, type SqlFormat } from './sql/read-only-sql.ts';
