import type { ErrorCode } from '../../proto/errors/index.ts';

/** A directory cannot be made or written. Cure: give this process the right to, or choose another directory. */
export class DirectoryUnusableError extends Error {
  readonly code = 'DATA_DIR_UNUSABLE' satisfies ErrorCode;
  readonly directory: string;
  readonly cure: string;

  constructor(directory: string, setting: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const cure = `Give this user the right to write it, or choose another directory with ${setting}.`;
    super(`${directory} cannot be used: ${reason}. ${cure}`, { cause });
    this.name = 'DirectoryUnusableError';
    this.directory = directory;
    this.cure = cure;
  }
}
