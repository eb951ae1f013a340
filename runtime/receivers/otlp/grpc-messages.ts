// Hot: every chunk of every OTLP/gRPC request. Bench: bench/ingest.
import { ByteCollector } from '../../http/index.ts';

/** One byte that says whether the message is compressed, and four of its length, the highest first. */
const HEAD_BYTES = 5;

/** By message as it was handed out: where its memory came from. */
const collectorOf = new WeakMap<Uint8Array, ByteCollector>();

/**
 * Puts messages together from the data frames of one call, in memory that is used again: `giveBack` each once it is
 * done with. One that is never given back is left to the garbage collector.
 */
export class GrpcMessages {
  private readonly maxBytes: number;
  private readonly head = Buffer.alloc(HEAD_BYTES);
  private headBytes = 0;
  private missingBytes = 0;
  private collector: ByteCollector | undefined;

  /** `maxBytes`: of a message without its head. */
  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Messages that are complete with `data`, with their heads. Throws when one says that it is too large. */
  write(data: Buffer): Buffer[] {
    const messages: Buffer[] = [];
    let at = 0;
    while (at < data.length) {
      if (this.collector === undefined) {
        const copied = data.copy(this.head, this.headBytes, at);
        this.headBytes += copied;
        at += copied;
        if (this.headBytes < HEAD_BYTES) break;
        this.begin();
      }
      const part = data.subarray(at, at + this.missingBytes);
      this.collector?.append(part);
      this.missingBytes -= part.length;
      at += part.length;
      if (this.missingBytes === 0) messages.push(this.finish());
    }
    return messages;
  }

  /** Bytes that the message under way says it has, its head with them; of one that begins with `data`, if none is. 0: unknown. */
  announcedBytes(data: Buffer): number {
    const head = this.collector !== undefined ? this.head : this.headBytes === 0 ? data : undefined;
    if (head === undefined || head.length < HEAD_BYTES) return 0;
    return Math.min(HEAD_BYTES + head.readUInt32BE(1), this.maxBytes);
  }

  /** Forgets a message that will not be complete. */
  drop(): void {
    this.collector?.drop();
    this.collector = undefined;
    this.headBytes = 0;
  }

  private begin(): void {
    const length = this.head.readUInt32BE(1);
    if (length > this.maxBytes) throw new RangeError(`a message of ${length} bytes is too large`);
    const bytes = HEAD_BYTES + length;
    // What comes is counted frame by frame, by who hands the frames in.
    this.collector = new ByteCollector({ expectedBytes: bytes, maxBytes: bytes, reserve: () => true });
    this.collector.append(this.head);
    this.missingBytes = length;
  }

  private finish(): Buffer {
    const { collector } = this;
    if (!collector) throw new Error('no message was begun');
    this.collector = undefined;
    this.headBytes = 0;
    const bytes = collector.finish();
    const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    collectorOf.set(message, collector);
    return message;
  }
}

/** The message behind its head, in the same memory. */
export function bodyOf(message: Buffer): Buffer {
  const body = message.subarray(HEAD_BYTES);
  const collector = collectorOf.get(message);
  if (collector) collectorOf.set(body, collector);
  return body;
}

/** The memory of a message, or of its body, is used for another one from now on. */
export function giveBack(bytes: Uint8Array): void {
  collectorOf.get(bytes)?.drop();
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
