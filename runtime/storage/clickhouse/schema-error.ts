import type { ErrorCode } from '../../../proto/errors/index.ts';

/** The database was made by a newer OPHION than this one. Cure: start that version, or use another database. */
export class SchemaTooNewError extends Error {
  readonly code = 'STORAGE_UNAVAILABLE' satisfies ErrorCode;
  readonly cure: string;

  constructor(database: string, found: number, known: number) {
    const cure = 'Start the newer version, or choose another database with OPHION_CLICKHOUSE_DATABASE.';
    super(
      `The ClickHouse database ${database} has schema version ${found}, this version of OPHION knows ${known}. ${cure}`,
    );
    this.name = 'SchemaTooNewError';
    this.cure = cure;
  }
}
