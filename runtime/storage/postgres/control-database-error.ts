import type { ErrorCode } from '../../../proto/errors/index.ts';

/** The control plane's database cannot be opened. `cure` says what to change. */
export class ControlDatabaseError extends Error {
  readonly code = 'STORAGE_UNAVAILABLE' satisfies ErrorCode;
  readonly cure: string;

  constructor(problem: string, cure: string, cause?: unknown) {
    super(`${problem} ${cure}`, { cause });
    this.name = 'ControlDatabaseError';
    this.cure = cure;
  }
}
