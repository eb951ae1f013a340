import type { LiveClient } from './live-client.ts';

/** A subscription that goes on after an arrival, whose rows until now are being read. */
export interface MissedRead {
  readonly subscription: number;
}

/** Of frames that wait: a minute of them. */
const MOST_WAITING = 600;

/**
 * A client on its way into a tail's topic: it is sent what its subscriptions missed, then the frames that were published
 * meanwhile, and only then joins. So nothing is lost or comes twice between the two, and all comes in order.
 */
export class Joining {
  /** What was missed ends here, for all subscriptions: the frames that wait begin after it. */
  readonly through: number;
  private readonly reads = new Set<MissedRead>();
  private missed: Uint8Array[] = [];
  private waiting: Uint8Array[] = [];

  constructor(through: number) {
    this.through = through;
  }

  get isReading(): boolean {
    return this.reads.size > 0;
  }

  get isTooLong(): boolean {
    return this.waiting.length > MOST_WAITING;
  }

  begin(subscription: number): MissedRead {
    const read = { subscription };
    this.reads.add(read);
    return read;
  }

  awaits(read: MissedRead): boolean {
    return this.reads.has(read);
  }

  /** What was read, as a frame; nobody waits for it any more when the subscription has ended. */
  take(read: MissedRead, frame: Uint8Array): void {
    if (this.reads.delete(read)) this.missed.push(frame);
  }

  end(subscription: number): void {
    for (const read of this.reads) if (read.subscription === subscription) this.reads.delete(read);
  }

  publish(frame: Uint8Array): void {
    this.waiting.push(frame);
  }

  /** Sends what may be sent; false when the client cannot take all of that now. */
  sendTo(client: LiveClient): boolean {
    this.missed = sendInOrder(client, this.missed);
    if (this.missed.length > 0) return false;
    if (this.isReading) return true;
    this.waiting = sendInOrder(client, this.waiting);
    return this.waiting.length === 0;
  }
}

/** Those that are left. */
function sendInOrder(client: LiveClient, frames: Uint8Array[]): Uint8Array[] {
  const refused = frames.findIndex((frame) => !client.send(frame));
  return refused === -1 ? [] : frames.slice(refused);
}
