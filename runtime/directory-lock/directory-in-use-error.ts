/** Another process works on a directory that only one may open. Cure: end that process, or choose another directory. */
export class DirectoryInUseError extends Error {
  readonly code = 'DIRECTORY_IN_USE';
  readonly directory: string;
  readonly cure: string;

  constructor(
    directory: string,
    setting: string,
    holder?: { readonly pid: number; readonly host: string },
    cause?: unknown,
  ) {
    const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
    const cure = `Stop that process, or choose another directory with ${setting}.`;
    super(`${directory} is in use by ${who}. ${cure}`, { cause });
    this.name = 'DirectoryInUseError';
    this.directory = directory;
    this.cure = cure;
  }
}
