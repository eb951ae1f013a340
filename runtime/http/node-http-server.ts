import { createServer, ServerResponse, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer, type WebSocket } from 'ws';
import { Hold } from './byte-budget.ts';
import { ByteCollector } from './byte-collector.ts';
import {
  INTERNAL_ERROR,
  isStream,
  REQUEST_TIMEOUT_MS,
  type HttpRequestHead,
  type HttpResponse,
  type HttpServer,
  type HttpServerOptions,
} from './http-server.ts';
import { NodePeer } from './node-peer.ts';
import { PortUnavailableError } from './port-unavailable-error.ts';
import { TLS_OPTIONS } from './tls-options.ts';

const MAX_SOCKET_MESSAGE_BYTES = 64 * 1024;
/** As long as uWebSockets.js waits. */
const HEADERS_TIMEOUT_MS = 10_000;
const PING_EVERY_MS = 30_000;
/** A socket that has answered none of so many pings is gone; one may go unanswered where the loop was busy for as long. */
const UNANSWERED_PINGS = 2;
const CLOSE_GRACE_MS = 5_000;

export async function listenNodeHttp(options: HttpServerOptions): Promise<HttpServer> {
  const topics = new Map<string, Set<NodePeer>>();
  const { tls, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  const timeouts = {
    keepAliveTimeout: 65_000,
    requestTimeout: requestTimeoutMs,
    headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeoutMs),
    connectionsCheckingInterval: Math.min(2_000, requestTimeoutMs / 2),
  };
  const server = tls ? createSecureServer({ ...timeouts, ...tls, ...TLS_OPTIONS }) : createServer(timeouts);
  let closing = false;

  server.on('request', (incoming, outgoing) => {
    giveUpIdleReaders(outgoing, requestTimeoutMs);
    void serve(options, incoming, outgoing).catch((error: unknown) => {
      options.onError(error);
      void respond(outgoing, INTERNAL_ERROR, incoming.method === 'HEAD');
    });
    if (closing) outgoing.setHeader('connection', 'close');
  });
  // A method like any other: nothing is tunnelled here.
  server.on('connect', (incoming: IncomingMessage, raw: Socket) => {
    const outgoing = answerOver(raw, incoming);
    serveConnect(options, incoming, outgoing).catch((error: unknown) => {
      options.onError(error);
      void respond(outgoing, INTERNAL_ERROR, false);
    });
  });
  const sockets = options.sockets && acceptSockets(server, options.sockets, topics, options.onError);

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(new PortUnavailableError(options.host, options.port, error));
    });
    server.listen(options.port, options.host, resolve);
  });

  const stop = (): Promise<void> => {
    closing = true;
    for (const socket of sockets?.clients ?? []) socket.close(1001, 'the server stops');
    return new Promise((resolve) => {
      const force = setTimeout(() => {
        server.closeAllConnections();
      }, CLOSE_GRACE_MS);
      server.close(() => {
        clearTimeout(force);
        resolve();
      });
      server.closeIdleConnections();
    });
  };
  let stopped: Promise<void> | undefined;
  return {
    port: (server.address() as AddressInfo).port,
    publish(topic, message) {
      for (const peer of topics.get(topic) ?? []) peer.send(message);
    },
    close: () => (stopped ??= stop()),
  };
}

/** A client that takes nothing of its answer for so long is not waited for; while there is nothing to take, we are the ones who are late. */
function giveUpIdleReaders(outgoing: ServerResponse, timeoutMs: number): void {
  outgoing.setTimeout(timeoutMs, () => {
    if ((outgoing.socket?.writableLength ?? 0) > 0) outgoing.destroy();
  });
}

function headOf(incoming: IncomingMessage): HttpRequestHead {
  const target = incoming.url ?? '/';
  const mark = target.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? '' : target.slice(mark + 1),
    header(name) {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    remoteAddress: incoming.socket.remoteAddress ?? '',
  };
}

async function serve(
  options: HttpServerOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const head = headOf(incoming);
  const isHead = head.method === 'HEAD';
  const refused = options.admit?.(head);
  if (refused) {
    // Read on to the end, keeping nothing: a client still sending would otherwise see a reset instead of the answer.
    incoming.resume();
    await respond(outgoing, refused, isHead);
    return;
  }
  const gone = new AbortController();
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  const hold = new Hold(options.bodies?.budget);
  const reserve = (bytes: number): boolean => hold.take(bytes);
  const expectedBytes = Number(incoming.headers['content-length'] ?? 0);
  const collector = new ByteCollector({ expectedBytes, maxBytes: options.maxBodyBytes, reserve });
  try {
    const body = expectedBytes > options.maxBodyBytes ? 'too-large' : await readBody(incoming, collector);
    if (body === 'aborted') return;
    if (typeof body === 'string') {
      incoming.resume();
      hold.release();
      await respond(outgoing, refusalOf(options, head, body, hold.wantedBytes), isHead);
      return;
    }
    const response = await options.handle({ ...head, body, reserve, signal: gone.signal });
    await respond(outgoing, response, isHead);
  } finally {
    collector.drop();
    hold.release();
  }
}

/** `CONNECT` has no body. */
async function serveConnect(
  options: HttpServerOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const head = headOf(incoming);
  const { signal } = new AbortController();
  const request = { ...head, body: new Uint8Array(0), reserve: () => true, signal };
  await respond(outgoing, options.admit?.(head) ?? (await options.handle(request)), false);
}

function refusalOf(
  { tooLarge, bodies }: HttpServerOptions,
  head: HttpRequestHead,
  reason: 'too-large' | 'no-room',
  wantedBytes: number,
): HttpResponse {
  return reason === 'no-room' && bodies ? bodies.noRoom(head, wantedBytes) : tooLarge(head);
}

function readBody(
  incoming: IncomingMessage,
  body: ByteCollector,
): Promise<Uint8Array | 'too-large' | 'no-room' | 'aborted'> {
  return new Promise((resolve) => {
    const take = (chunk: Buffer): void => {
      const outcome = body.append(chunk);
      if (outcome === 'kept') return;
      incoming.off('data', take);
      resolve(outcome);
    };
    incoming.on('data', take);
    incoming.on('end', () => {
      resolve(body.finish());
    });
    const aborted = (): void => {
      resolve('aborted');
    };
    incoming.on('error', aborted);
    incoming.on('close', aborted);
  });
}

/** For a connection that Node has handed over; it ends with the answer. */
function answerOver(raw: Socket, incoming: IncomingMessage): ServerResponse {
  const outgoing = new ServerResponse(incoming);
  outgoing.shouldKeepAlive = false;
  outgoing.assignSocket(raw);
  raw.on('error', () => raw.destroy());
  outgoing.on('finish', () => raw.end());
  return outgoing;
}

function respond(outgoing: ServerResponse, response: HttpResponse, isHead: boolean): Promise<void> {
  const body = response.body ?? '';
  if (outgoing.headersSent || outgoing.destroyed) return Promise.resolve();
  if (isStream(body)) return respondInChunks(outgoing, response, isHead ? undefined : body);
  outgoing.writeHead(response.status, {
    ...response.headers,
    ...(response.cookies && { 'set-cookie': [...response.cookies] }),
    'content-length': Buffer.byteLength(body),
  });
  outgoing.end(isHead ? undefined : body);
  return Promise.resolve();
}

async function respondInChunks(
  outgoing: ServerResponse,
  response: HttpResponse,
  chunks: AsyncIterable<Uint8Array> | undefined,
): Promise<void> {
  outgoing.writeHead(response.status, response.headers);
  if (!chunks) {
    outgoing.end();
    return;
  }
  try {
    await pipeline(Readable.from(chunks, { objectMode: false }), outgoing);
  } catch (error) {
    // Without an end the client sees that it does not have all.
    outgoing.destroy();
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

function acceptSockets(
  server: ReturnType<typeof createServer>,
  { path, maxBufferedBytes, events, pingEveryMs = PING_EVERY_MS }: NonNullable<HttpServerOptions['sockets']>,
  topics: Map<string, Set<NodePeer>>,
  onError: HttpServerOptions['onError'],
): WebSocketServer {
  const acceptor = new WebSocketServer({ noServer: true, maxPayload: MAX_SOCKET_MESSAGE_BYTES });
  server.on('upgrade', (incoming: IncomingMessage, raw: Socket, head: Buffer) => {
    const request = headOf(incoming);
    const forget = (): void => {
      raw.destroy();
    };
    raw.on('error', forget);
    Promise.resolve(request)
      .then((asked) => (asked.path === path ? events.admit?.(asked) : { status: 404 }))
      .catch((error: unknown) => {
        onError(error);
        return INTERNAL_ERROR;
      })
      .then((refused) => {
        raw.off('error', forget);
        if (raw.destroyed) return;
        if (refused) {
          void respond(answerOver(raw, incoming), refused, false);
          return;
        }
        upgrade(incoming, raw, head, request);
      })
      .catch(onError);
  });
  const unanswered = new WeakMap<WebSocket, number>();
  const pings = setInterval(() => {
    for (const socket of acceptor.clients) {
      const asked = unanswered.get(socket) ?? 0;
      if (asked >= UNANSWERED_PINGS) socket.terminate();
      unanswered.set(socket, asked + 1);
      socket.ping();
    }
  }, pingEveryMs);
  server.once('close', () => {
    clearInterval(pings);
  });
  const upgrade = (incoming: IncomingMessage, raw: Socket, head: Buffer, request: HttpRequestHead): void => {
    acceptor.handleUpgrade(incoming, raw, head, (socket) => {
      const peer: NodePeer = new NodePeer(socket, request.remoteAddress, topics, maxBufferedBytes, () => {
        events.drained(peer);
      });
      socket.on('pong', () => unanswered.delete(socket));
      socket.on('message', (data: Buffer, isBinary) => {
        if (isBinary) socket.close(1003, 'text messages only');
        else events.message(peer, data.toString());
      });
      socket.on('close', () => {
        peer.forget();
        events.closed(peer);
      });
      // The close event follows; without a listener a protocol error of the client would end the process.
      socket.on('error', () => undefined);
      events.opened(peer, request);
    });
  };
  return acceptor;
}
