import type { ErrorCode } from '../../proto/errors/index.ts';

/** A newer OPHION has written this journal. Cure: start that version, or choose another directory. */
export class JournalTooNewError extends Error {
  readonly code = 'DATA_DIR_UNUSABLE' satisfies ErrorCode;

  constructor(found: number, known: number) {
    super(
      `the journal has segments of format ${found}, this version of OPHION reads format ${known}: start the newer version, ` +
        'or choose another directory with OPHION_DATA_DIR',
    );
    this.name = 'JournalTooNewError';
  }
}
