import type { ErrorCode } from '../../proto/errors/index.ts';

export interface DirectoryHolder {
  readonly pid: number;
  readonly host: string;
}

/** Another process works on a directory that only one may open. Cure: end that process, or choose another directory. */
export class DirectoryInUseError extends Error {
  readonly code = 'DATA_DIR_UNUSABLE' satisfies ErrorCode;
  readonly directory: string;
  readonly holder: DirectoryHolder | undefined;
  readonly cure: string;

  constructor(directory: string, setting: string, holder?: DirectoryHolder) {
    const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
    const cure = `Stop that process, or choose another directory with ${setting}.`;
    super(`${directory} is in use by ${who}. ${cure}`);
    this.name = 'DirectoryInUseError';
    this.directory = directory;
    this.holder = holder && { pid: holder.pid, host: holder.host };
    this.cure = cure;
  }
}
