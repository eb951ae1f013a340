/** Why a request did not go out, or its answer was not taken. */
export const OUTGOING_ERROR_CODES = [
  /** No http or https URL, or headers that cannot be sent. */
  'OUTGOING_INVALID',
  /** The place is private, this machine, a cloud's metadata, or otherwise not of the public internet. */
  'OUTGOING_FORBIDDEN',
  'OUTGOING_UNREACHABLE',
  'OUTGOING_TIMEOUT',
  'OUTGOING_TOO_LARGE',
  'OUTGOING_REDIRECT',
  'OUTGOING_UNREADABLE',
  /** Whoever asked does not want it any more. */
  'OUTGOING_CANCELLED',
] as const;
export type OutgoingErrorCode = (typeof OUTGOING_ERROR_CODES)[number];

/** Never holds more of a URL than its origin: paths and queries of webhooks are secrets. */
export class OutgoingError extends Error {
  readonly code: OutgoingErrorCode;

  constructor(code: OutgoingErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'OutgoingError';
    this.code = code;
  }
}
