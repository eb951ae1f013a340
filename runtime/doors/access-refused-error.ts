import type { ErrorCode } from '../../proto/errors/index.ts';

/** Whoever asked may not, or not now. Says what they can do about it. */
export class AccessRefusedError extends Error {
  readonly code: Extract<
    ErrorCode,
    'UNAUTHENTICATED' | 'FORBIDDEN' | 'PASSWORD_MUST_CHANGE' | 'SECOND_FACTOR_MUST_BE_SET_UP' | 'RATE_LIMITED'
  >;
  readonly cure: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: AccessRefusedError['code'],
    message: string,
    cure: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'AccessRefusedError';
    this.code = code;
    this.cure = cure;
    this.headers = headers;
  }
}
