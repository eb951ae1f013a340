import { OutgoingError } from './outgoing-error.ts';

/** Ends a request that takes too long, or that nobody wants any more. */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly total: NodeJS.Timeout;
  private connecting: NodeJS.Timeout | undefined;
  private readonly cancel = (): void => {
    this.abort('OUTGOING_CANCELLED', 'the request was cancelled');
  };
  private readonly wanted: AbortSignal | undefined;

  constructor(totalMs: number, wanted: AbortSignal | undefined) {
    this.wanted = wanted;
    this.total = setTimeout(() => {
      this.abort('OUTGOING_TIMEOUT', `the answer was not there within ${totalMs} ms`);
    }, totalMs);
    if (wanted?.aborted === true) this.cancel();
    else wanted?.addEventListener('abort', this.cancel, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Each connection has so long. */
  startConnecting(connectMs: number): void {
    clearTimeout(this.connecting);
    this.connecting = setTimeout(() => {
      this.abort('OUTGOING_TIMEOUT', `there was no connection within ${connectMs} ms`);
    }, connectMs);
  }

  connected(): void {
    clearTimeout(this.connecting);
  }

  end(): void {
    clearTimeout(this.total);
    clearTimeout(this.connecting);
    this.wanted?.removeEventListener('abort', this.cancel);
  }

  /** Rejects when the deadline is over first: looking a name up cannot be aborted. */
  async race<Result>(work: Promise<Result>): Promise<Result> {
    this.signal.throwIfAborted();
    let over: (() => void) | undefined;
    const aborted = new Promise<never>((_resolve, reject) => {
      over = () => {
        reject(this.signal.reason as Error);
      };
      this.signal.addEventListener('abort', over, { once: true });
    });
    try {
      return await Promise.race([work, aborted]);
    } finally {
      if (over) this.signal.removeEventListener('abort', over);
    }
  }

  /** What ended the request, whatever the socket says. */
  reasonOf(error: Error): Error {
    return this.signal.aborted ? (this.signal.reason as Error) : error;
  }

  private abort(code: 'OUTGOING_TIMEOUT' | 'OUTGOING_CANCELLED', message: string): void {
    this.controller.abort(new OutgoingError(code, message));
  }
}
