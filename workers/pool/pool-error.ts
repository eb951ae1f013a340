/**
 * `OVERLOADED`: too many tasks wait for a thread. `DEADLINE_EXCEEDED`: no answer in time. `INTERNAL`: the task threw, or
 * its thread died of it (`cause`). `NOT_READY`: the pool is closed.
 */
export class PoolError extends Error {
  readonly code: 'OVERLOADED' | 'DEADLINE_EXCEEDED' | 'INTERNAL' | 'NOT_READY';

  constructor(code: PoolError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'PoolError';
    this.code = code;
  }
}
