import { write, writeSync } from 'node:fs';

/** Characters that may wait for the line before them; what comes beyond is dropped. */
const MOST_WAITING = 2 ** 20;
/** A pipe that is full takes more when its reader has read. */
const RETRY_MS = 100;

/** As `write` of node:fs. */
export type WriteBytes = (
  fd: number,
  bytes: Uint8Array,
  done: (error: NodeJS.ErrnoException | null, written: number) => void,
) => void;

/**
 * Lines behind each other into an open file, in nobody's way. Where it takes none, because its disk is full or its terminal or
 * pipe was closed, they are dropped and counted, and what it takes next is how many. (The stream that comes with pino ends the
 * process then, and waits forever while it ends: `flushSync` of sonic-boom 4 tries again whatever the error.)
 */
export class LogLines {
  private readonly fd: number;
  private readonly writeBytes: WriteBytes;
  private waiting = '';
  private isWriting = false;
  private dropped = 0;

  constructor(fd: number, writeBytes: WriteBytes = write) {
    this.fd = fd;
    this.writeBytes = writeBytes;
  }

  write(line: string): void {
    if (this.waiting.length + line.length > MOST_WAITING) {
      this.dropped += 1;
      return;
    }
    this.waiting += line;
    if (!this.isWriting) this.writeWaiting();
  }

  /** For the end of the process: writes what waits, if it is taken at once. */
  flush(): void {
    try {
      // oxlint-disable-next-line node/no-sync -- nothing else runs any more
      if (this.waiting !== '') writeSync(this.fd, this.waiting);
    } catch {
      // There is nobody left to tell.
    }
    this.waiting = '';
  }

  private writeWaiting(): void {
    const { dropped } = this;
    const lines = this.waiting;
    this.waiting = '';
    this.isWriting = true;
    this.writeAll(Buffer.from(noteOf(dropped) + lines), (isWritten) => {
      this.isWriting = false;
      this.dropped += isWritten ? -dropped : lines.split('\n').length - 1;
      if (this.waiting !== '') this.writeWaiting();
    });
  }

  private writeAll(bytes: Uint8Array, done: (isWritten: boolean) => void): void {
    this.writeBytes(this.fd, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => {
          this.writeAll(bytes, done);
        }, RETRY_MS).unref();
      } else if (error) done(false);
      else if (written < bytes.length) this.writeAll(bytes.subarray(written), done);
      else done(true);
    });
  }
}

function noteOf(lines: number): string {
  if (lines === 0) return '';
  const note = {
    level: 40,
    time: Date.now(),
    service: 'ophion',
    lines,
    msg: 'log lines could not be written',
  };
  return `${JSON.stringify(note)}\n`;
}
