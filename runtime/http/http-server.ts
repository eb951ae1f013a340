import type { ByteBudget } from './byte-budget.ts';

/**
 * The small HTTP and WebSocket server that everything of ours listens with. Two implementations, one contract suite:
 * uWebSockets.js where its binary loads, `node:http` + `ws` elsewhere.
 */
export interface HttpServer {
  /** The port it listens on: the one asked for, or the one given when 0 was asked for. */
  readonly port: number;
  /** Sends to every socket subscribed to `topic`; encode once, publish many. */
  publish(topic: string, message: Uint8Array): void;
  /** Takes no more connections, lets answers under way finish, closes WebSockets with 1001. Once; called again, it waits with the first. */
  close(): Promise<void>;
}

export interface HttpRequest {
  /** Upper case. */
  readonly method: string;
  /** Percent-encoded, without the query. */
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
  /** Name in lower case. */
  header(name: string): string | undefined;
  /** Text form of the peer's address. */
  readonly remoteAddress: string;
  /** Complete; empty when there was none. Used for another request once the handler has answered. */
  readonly body: Uint8Array;
  /**
   * Counts bytes that the handler needs besides the body against `HttpServerOptions.bodies`, until the handler is
   * done. False when there is no room, and when nobody waits for the answer any more.
   */
  reserve(bytes: number): boolean;
  /** Aborted when the client goes away before the answer is sent. */
  readonly signal: AbortSignal;
}

/** A request before its body is read. */
export type HttpRequestHead = Omit<HttpRequest, 'body' | 'reserve' | 'signal'>;

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Each becomes a `Set-Cookie`. */
  readonly cookies?: readonly string[];
  /**
   * An iterable is sent chunk by chunk, the next one taken only when the client has room for it, and given up when the
   * client goes away. When it fails the connection is closed in mid-answer, and `onError` told.
   */
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array>;
}

export function isStream(body: HttpResponse['body']): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && Symbol.asyncIterator in body;
}

export interface SocketPeer {
  readonly remoteAddress: string;
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
  /** Text when given a string. False when the socket is closed or its buffer is full: nothing was sent. */
  send(message: Uint8Array | string): boolean;
  readonly bufferedBytes: number;
  /** A reason longer than WebSockets carry (123 bytes) is cut. */
  close(code: number, reason: string): void;
}

/** What a handler of sockets is told, a `Peer` object being the same for one socket's whole life. */
export interface SocketEvents {
  /** Before the upgrade: answer to refuse it. */
  admit?(request: HttpRequestHead): HttpResponse | undefined | Promise<HttpResponse | undefined>;
  /** `request`: the object that `admit` was given. */
  opened(peer: SocketPeer, request: HttpRequestHead): void;
  /** Text only; a binary message closes the socket with 1003. */
  message(peer: SocketPeer, text: string): void;
  /** The buffer has room again. */
  drained(peer: SocketPeer): void;
  closed(peer: SocketPeer): void;
}

/** PEM: a certificate with its chain, and its key. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

export const REQUEST_TIMEOUT_MS = 60_000;

export interface HttpServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Larger bodies are answered 413 by `tooLarge` without being kept. */
  readonly maxBodyBytes: number;
  readonly tooLarge: (request: HttpRequestHead) => HttpResponse;
  /** Sees the head before the body is read; an answer here means that the body is not wanted. */
  readonly admit?: (request: HttpRequestHead) => HttpResponse | undefined;
  /** A throw is a bug: answered 500 without detail, and given to `onError`. */
  readonly handle: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;
  readonly onError: (error: unknown) => void;
  /** How long a request may take to arrive as a whole, and a client to take anything of its answer. Default 60 s. */
  readonly requestTimeoutMs?: number;
  /** PEM. With it the port speaks TLS alone; `node:http` alone understands it. */
  readonly tls?: TlsFiles;
  /** Bounds what all requests hold together; a body for which there is no room is answered by `noRoom`. */
  readonly bodies?: {
    readonly budget: ByteBudget;
    /** `wantedBytes`: what the request asked for before it was refused; the rest of it is not counted. */
    readonly noRoom: (request: HttpRequestHead, wantedBytes: number) => HttpResponse;
  };
  readonly sockets?: {
    readonly path: string;
    readonly maxBufferedBytes: number;
    readonly events: SocketEvents;
    /** A socket that answers none of two pings is closed. Default half a minute; uWebSockets.js has its own time. */
    readonly pingEveryMs?: number;
  };
}

export type ListenHttp = (options: HttpServerOptions) => Promise<HttpServer>;

/** RFC 6455: a control frame carries 125 bytes, 2 of them the code. */
export const MAX_CLOSE_REASON_BYTES = 123;

export const INTERNAL_ERROR: HttpResponse = {
  status: 500,
  headers: { 'content-type': 'application/json' },
  body: '{"error":{"code":"INTERNAL","message":"an unexpected error; the log says more"}}',
};
