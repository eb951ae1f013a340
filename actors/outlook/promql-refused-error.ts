/** A query that cannot be answered; the message is for whoever wrote it. */
export class PromqlRefusedError extends Error {
  readonly code: 'BAD_REQUEST' | 'QUERY_TOO_LARGE';

  constructor(code: PromqlRefusedError['code'], message: string) {
    super(message);
    this.name = 'PromqlRefusedError';
    this.code = code;
  }
}
