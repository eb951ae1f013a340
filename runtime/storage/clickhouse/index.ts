export {
  startEmbeddedClickHouse,
  type EmbeddedClickHouse,
  type EmbeddedClickHouseOptions,
} from './engine/embedded-clickhouse.ts';
export { EngineStartError } from './engine/engine-start-error.ts';
export {
  ClickHouseOpenError,
  openClickHouse,
  type ClickHouseServer,
  type ClickHouseStore,
  type OpenClickHouseOptions,
} from './open.ts';
export { SchemaTooNewError } from './schema-error.ts';
