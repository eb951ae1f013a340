const FAILURES: Readonly<Record<string, readonly [code: string, reason: string]>> = {
  EADDRINUSE: ['PORT_IN_USE', 'is in use by another process'],
  EACCES: ['PORT_FORBIDDEN', 'may not be opened by the user that runs this process'],
  EPERM: ['PORT_FORBIDDEN', 'may not be opened by the user that runs this process'],
  EADDRNOTAVAIL: ['ADDRESS_UNAVAILABLE', 'cannot be opened: this machine has no such address'],
  ENOTFOUND: ['ADDRESS_UNKNOWN', 'cannot be opened: the name of the address cannot be resolved'],
  EAI_AGAIN: ['ADDRESS_UNKNOWN', 'cannot be opened: the name of the address cannot be resolved'],
};

/** Nobody else's fault but the machine's state: names the port and what is in the way. */
export class PortUnavailableError extends Error {
  readonly code: string;

  /** `cause` may be a system error, or one whose message repeats a system error's code. */
  constructor(host: string, port: number, cause: unknown) {
    const [code, reason] = failureOf(cause);
    super(`port ${port} on ${host} ${reason}`, { cause });
    this.name = 'PortUnavailableError';
    this.code = code;
  }
}

function failureOf(cause: unknown): readonly [code: string, reason: string] {
  const { code, message } = cause as NodeJS.ErrnoException;
  const known = Object.entries(FAILURES).find(([name]) => code === name || message.includes(name));
  return known?.[1] ?? ['PORT_UNAVAILABLE', `cannot be opened: ${message}`];
}
