import { cutUtf8 } from './cut-utf8.ts';
import {
  INTERNAL_ERROR,
  MAX_CLOSE_REASON_BYTES,
  type HttpRequestHead,
  type HttpResponse,
  type HttpServerOptions,
  type SocketPeer,
} from './http-server.ts';
import { headOf, write } from './uws-messages.ts';
import type { UwsApp, UwsSocket } from './uws.ts';

const MAX_SOCKET_MESSAGE_BYTES = 64 * 1024;
const SOCKET_IDLE_SECONDS = 120;
/** Of one frame that is sent to one socket; see `sendInFragments`. */
const MAX_FRAGMENT_BYTES = 16_000;

interface SocketData {
  peer: UwsPeer | undefined;
  readonly head: HttpRequestHead;
  readonly remoteAddress: string;
}

export class UwsPeer implements SocketPeer {
  readonly remoteAddress: string;
  private readonly maxBufferedBytes: number;
  private socket: UwsSocket<SocketData> | undefined;

  constructor(socket: UwsSocket<SocketData>, remoteAddress: string, maxBufferedBytes: number) {
    this.socket = socket;
    this.maxBufferedBytes = maxBufferedBytes;
    this.remoteAddress = remoteAddress;
  }

  subscribe(topic: string): void {
    this.socket?.subscribe(topic);
  }

  unsubscribe(topic: string): void {
    this.socket?.unsubscribe(topic);
  }

  send(message: Uint8Array | string): boolean {
    const { socket } = this;
    if (!socket || socket.getBufferedAmount() >= this.maxBufferedBytes) return false;
    const isBinary = typeof message !== 'string';
    const bytes = isBinary ? message : Buffer.from(message);
    if (bytes.length <= MAX_FRAGMENT_BYTES) socket.send(message, isBinary);
    else sendInFragments(socket, bytes, isBinary);
    return true;
  }

  get bufferedBytes(): number {
    return this.socket?.getBufferedAmount() ?? 0;
  }

  close(code: number, reason: string): void {
    this.socket?.end(code, cutUtf8(reason, MAX_CLOSE_REASON_BYTES));
  }

  /** Any call on a closed uWebSockets.js socket throws. */
  forget(): void {
    this.socket = undefined;
  }
}

/**
 * uWebSockets.js loses ten bytes of a frame that is larger than its send buffer of 16 KiB when the
 * client does not take it at once: all that follows is garbage. Frames that fit, and published ones, come whole.
 */
function sendInFragments(socket: UwsSocket<SocketData>, bytes: Uint8Array, isBinary: boolean): void {
  socket.cork(() => {
    socket.sendFirstFragment(bytes.subarray(0, MAX_FRAGMENT_BYTES), isBinary);
    let at = MAX_FRAGMENT_BYTES;
    for (; at + MAX_FRAGMENT_BYTES < bytes.length; at += MAX_FRAGMENT_BYTES) {
      socket.sendFragment(bytes.subarray(at, at + MAX_FRAGMENT_BYTES));
    }
    socket.sendLastFragment(bytes.subarray(at));
  });
}

export function acceptSockets(
  app: UwsApp,
  { path, maxBufferedBytes, events }: NonNullable<HttpServerOptions['sockets']>,
  open: Set<UwsPeer>,
  onError: HttpServerOptions['onError'],
): void {
  app.ws<SocketData>(path, {
    maxPayloadLength: MAX_SOCKET_MESSAGE_BYTES,
    // `send` refuses before; whom so much is published to is closed.
    maxBackpressure: 2 * maxBufferedBytes + MAX_SOCKET_MESSAGE_BYTES,
    closeOnBackpressureLimit: true,
    idleTimeout: SOCKET_IDLE_SECONDS,
    sendPingsAutomatically: true,
    upgrade(response, request, context) {
      const head = headOf(response, request);
      let isGone = false;
      response.onAborted(() => {
        isGone = true;
      });
      const decide = (refused: HttpResponse | undefined): void => {
        if (isGone) return;
        response.cork(() => {
          if (refused) {
            write(response, refused, false);
            return;
          }
          response.upgrade(
            { peer: undefined, head, remoteAddress: head.remoteAddress },
            head.header('sec-websocket-key') ?? '',
            head.header('sec-websocket-protocol') ?? '',
            head.header('sec-websocket-extensions') ?? '',
            context,
          );
        });
      };
      Promise.resolve(head)
        .then((request) => events.admit?.(request))
        .then(decide)
        .catch((error: unknown) => {
          onError(error);
          decide(INTERNAL_ERROR);
        });
    },
    open(socket) {
      const data = socket.getUserData();
      data.peer = new UwsPeer(socket, data.remoteAddress, maxBufferedBytes);
      open.add(data.peer);
      events.opened(data.peer, data.head);
    },
    message(socket, message, isBinary) {
      const { peer } = socket.getUserData();
      if (isBinary) socket.end(1003, 'text messages only');
      else if (peer) events.message(peer, Buffer.from(message).toString());
    },
    drain(socket) {
      const { peer } = socket.getUserData();
      // Also told while the buffer is as good as full.
      if (peer && peer.bufferedBytes < maxBufferedBytes / 2) events.drained(peer);
    },
    close(socket) {
      const { peer } = socket.getUserData();
      if (!peer) return;
      peer.forget();
      open.delete(peer);
      events.closed(peer);
    },
  });
}
