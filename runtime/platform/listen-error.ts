/** A port cannot be listened on. `setting` is what moves it. */
export class ListenError extends Error {
  readonly code: string | undefined;

  constructor(setting: string, cause: unknown) {
    const { message, code } = cause as NodeJS.ErrnoException;
    const first = code === 'PORT_IN_USE' ? 'end what uses it, or change' : 'change';
    super(`${message}; ${first} ${setting} (or the address, OPHION_HOST)`, { cause });
    this.name = 'ListenError';
    this.code = code;
  }
}
