import { StorageUnavailableError } from '../../../actors/ports/index.ts';
import { QueryRefusedError } from './control-database.ts';

/** Classes of SQLSTATE that speak of the server's state, not of the statement: connection, resources, shutdown. */
const OPERATIONAL = /^(?:08|53|57|58|XX)/;

/** The one place where errors of either driver become ours. */
export function translateError(error: unknown): unknown {
  if (error instanceof QueryRefusedError || error instanceof StorageUnavailableError) return error;
  if (!(error instanceof Error)) return new StorageUnavailableError('Postgres', error);
  const sqlState = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const isRefusal = /^[0-9A-Z]{5}$/.test(sqlState) && !OPERATIONAL.test(sqlState);
  return isRefusal ? new QueryRefusedError(sqlState, error) : new StorageUnavailableError('Postgres', error);
}
