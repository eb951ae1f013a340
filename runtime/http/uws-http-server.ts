// Hot: every OTLP/HTTP request. Bench: bench/ingest.
import { createServer } from 'node:net';
import { Hold } from './byte-budget.ts';
import { ByteCollector } from './byte-collector.ts';
import { cutUtf8 } from './cut-utf8.ts';
import {
  INTERNAL_ERROR,
  isStream,
  MAX_CLOSE_REASON_BYTES,
  REQUEST_TIMEOUT_MS,
  type HttpRequestHead,
  type HttpResponse,
  type HttpServer,
  type HttpServerOptions,
  type SocketPeer,
} from './http-server.ts';
import { PendingBodies } from './pending-bodies.ts';
import { PortUnavailableError } from './port-unavailable-error.ts';
import { STATUS_TEXT } from './status-text.ts';
import { writeUwsStream } from './uws-stream.ts';
import type { UwsApp, UwsListenSocket, UwsModule, UwsRequest, UwsResponse, UwsSocket } from './uws.ts';

const MAX_SOCKET_MESSAGE_BYTES = 64 * 1024;
const SOCKET_IDLE_SECONDS = 120;
/** Of one frame that is sent to one socket; see `sendInFragments`. */
const MAX_FRAGMENT_BYTES = 16_000;
const LISTEN_EXCLUSIVE_PORT = 1;
const CLOSE_GRACE_MS = 5_000;

interface SocketData {
  peer: UwsPeer | undefined;
  readonly head: HttpRequestHead;
  readonly remoteAddress: string;
}

export async function listenUws(uws: UwsModule, options: HttpServerOptions): Promise<HttpServer> {
  const app = uws.App();
  const open = new Set<UwsPeer>();
  const answering = new AnswersUnderWay();
  const bodies = new PendingBodies<UwsResponse>(
    options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    (response) => {
      response.close();
    },
  );
  if (options.sockets) acceptSockets(app, options.sockets, open, options.onError);
  app.any('/*', (response, request) => {
    serve(options, response, headOf(response, request), answering, bodies);
  });

  const listening = await new Promise<UwsListenSocket | false>((resolve) => {
    // Exclusive, or a second process would silently share the port.
    app.listen(options.host, options.port, LISTEN_EXCLUSIVE_PORT, resolve);
  });
  if (!listening) {
    throw new PortUnavailableError(options.host, options.port, await whyNotListening(options));
  }

  return {
    port: uws.getSocketPort(listening),
    publish(topic, message) {
      app.publish(topic, message, true);
    },
    close() {
      uws.closeSocket(listening);
      bodies.stop();
      for (const peer of open) peer.close(1001, 'the server stops');
      return answering.settled(CLOSE_GRACE_MS).then(() => {
        app.close();
      });
    },
  };
}

/** uWebSockets.js only says that it could not: the same is tried in a way that tells the reason. */
function whyNotListening({ host, port }: HttpServerOptions): Promise<unknown> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', resolve);
    probe.listen({ host, port, exclusive: true }, () => {
      probe.close(() => {
        resolve(new Error('uWebSockets.js could not listen, and gave no reason'));
      });
    });
  });
}

/** uWebSockets.js takes its request object back when the handler returns: everything is read here. */
function headOf(response: UwsResponse, request: UwsRequest): HttpRequestHead {
  const headers = new Map<string, string>();
  request.forEachHeader((name, value) => {
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  });
  return {
    method: request.getCaseSensitiveMethod(),
    path: request.getUrl(),
    query: request.getQuery(),
    header: (name) => headers.get(name),
    remoteAddress: Buffer.from(response.getRemoteAddressAsText()).toString(),
  };
}

/** Requests whose answers are not written yet: closing waits for them. */
class AnswersUnderWay {
  private count = 0;
  private readonly waiting: (() => void)[] = [];

  begin(): void {
    this.count += 1;
  }

  end(): void {
    this.count -= 1;
    if (this.count === 0) for (const resolve of this.waiting.splice(0)) resolve();
  }

  async settled(mostMs: number): Promise<void> {
    if (this.count === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, mostMs);
      this.waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

function serve(
  options: HttpServerOptions,
  response: UwsResponse,
  head: HttpRequestHead,
  answering: AnswersUnderWay,
  bodies: PendingBodies<UwsResponse>,
): void {
  const gone = new AbortController();
  let done = false;
  answering.begin();
  const finish = (): boolean => {
    if (done) return false;
    done = true;
    answering.end();
    return true;
  };
  const answer = async (reply: HttpResponse): Promise<void> => {
    if (done) return;
    const isHead = head.method === 'HEAD';
    response.cork(() => {
      write(response, reply, isHead);
    });
    if (!isStream(reply.body) || isHead) {
      finish();
      return;
    }
    try {
      await writeUwsStream(response, reply.body, gone.signal);
      finish();
    } catch (error) {
      if (finish()) response.close();
      throw error;
    }
  };
  const hold = new Hold(options.bodies?.budget);
  const reserve = (bytes: number): boolean => hold.take(bytes);
  const expectedBytes = Number(head.header('content-length') ?? 0);
  const body = new ByteCollector({ expectedBytes, maxBytes: options.maxBodyBytes, reserve });
  const forgetBody = (): void => {
    body.drop();
    hold.release();
  };
  let isHandled = false;
  bodies.begin(response);
  response.onAborted(() => {
    bodies.end(response);
    if (!isHandled) forgetBody();
    if (finish()) gone.abort();
  });
  const refused = options.admit?.(head);
  if (refused) {
    discard(response, () => {
      bodies.end(response);
      void answer(refused);
    });
    return;
  }
  collect(response, body, expectedBytes > options.maxBodyBytes, hold, (outcome) => {
    bodies.end(response);
    if (outcome !== 'kept') {
      hold.release();
      const { bodies } = options;
      void answer(outcome === 'no-room' && bodies ? bodies.noRoom(head) : options.tooLarge(head));
      return;
    }
    isHandled = true;
    Promise.resolve({ ...head, body: body.finish(), reserve, signal: gone.signal })
      .then(options.handle)
      .then(answer)
      .catch((error: unknown) => {
        options.onError(error);
        return answer(INTERNAL_ERROR);
      })
      .finally(forgetBody);
  });
}

/** Reads on to the end, keeping nothing: a client still sending would see a reset instead of the answer. */
function discard(response: UwsResponse, ended: () => void): void {
  response.onData((_chunk, isLast) => {
    if (isLast) ended();
  });
}

/** Copies the chunks, which are uWebSockets.js's own, into `body`; calls back at the end, with why it was not kept. */
function collect(
  response: UwsResponse,
  body: ByteCollector,
  isTooLarge: boolean,
  hold: Hold,
  ended: (outcome: 'kept' | 'too-large' | 'no-room') => void,
): void {
  let outcome: 'kept' | 'too-large' | 'no-room' = isTooLarge ? 'too-large' : 'kept';
  response.onData((chunk, isLast) => {
    if (outcome === 'kept') {
      outcome = body.append(new Uint8Array(chunk));
      if (outcome !== 'kept') hold.release();
    }
    if (isLast) ended(outcome);
  });
}

function write(response: UwsResponse, reply: HttpResponse, isHead: boolean): void {
  response.writeStatus(`${reply.status} ${STATUS_TEXT[reply.status] ?? 'Status'}`);
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.writeHeader(name, value);
  for (const cookie of reply.cookies ?? []) response.writeHeader('set-cookie', cookie);
  const body = reply.body ?? '';
  if (isStream(body)) {
    if (isHead) response.endWithoutBody();
    return;
  }
  if (isHead) response.endWithoutBody(Buffer.byteLength(body));
  else response.end(body);
}

class UwsPeer implements SocketPeer {
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

function acceptSockets(
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
