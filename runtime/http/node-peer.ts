import type { WebSocket } from 'ws';
import { cutUtf8 } from './cut-utf8.ts';
import { MAX_CLOSE_REASON_BYTES, type SocketPeer } from './http-server.ts';

/** A socket of `ws`, and the topics it is subscribed to. */
export class NodePeer implements SocketPeer {
  readonly remoteAddress: string;
  readonly topics = new Set<string>();
  private readonly socket: WebSocket;
  private readonly registry: Map<string, Set<NodePeer>>;
  private readonly maxBufferedBytes: number;
  private readonly drained: () => void;

  constructor(
    socket: WebSocket,
    remoteAddress: string,
    registry: Map<string, Set<NodePeer>>,
    maxBufferedBytes: number,
    drained: () => void,
  ) {
    this.socket = socket;
    this.remoteAddress = remoteAddress;
    this.registry = registry;
    this.maxBufferedBytes = maxBufferedBytes;
    this.drained = drained;
  }

  subscribe(topic: string): void {
    this.topics.add(topic);
    const peers = this.registry.get(topic) ?? new Set();
    peers.add(this);
    this.registry.set(topic, peers);
  }

  unsubscribe(topic: string): void {
    this.topics.delete(topic);
    const peers = this.registry.get(topic);
    peers?.delete(this);
    if (peers?.size === 0) this.registry.delete(topic);
  }

  send(message: Uint8Array | string): boolean {
    if (this.socket.readyState !== this.socket.OPEN) return false;
    if (this.socket.bufferedAmount > this.maxBufferedBytes) return false;
    const wasBuffered = this.socket.bufferedAmount > 0;
    this.socket.send(message, { binary: typeof message !== 'string' }, () => {
      if (wasBuffered && this.socket.bufferedAmount === 0) this.drained();
    });
    return true;
  }

  get bufferedBytes(): number {
    return this.socket.bufferedAmount;
  }

  close(code: number, reason: string): void {
    this.socket.close(code, cutUtf8(reason, MAX_CLOSE_REASON_BYTES));
  }

  forget(): void {
    for (const topic of this.topics) this.unsubscribe(topic);
  }
}
