/**
 * What is used of uWebSockets.js. Declared here because the package, whose binaries are for Node 16 to 20, is not
 * installed on newer ones, where this must compile as well; and because its own typings leave some of it out.
 */
export interface UwsModule {
  App(): UwsApp;
  getSocketPort(socket: UwsListenSocket): number;
  /** Takes no more connections. */
  closeSocket(socket: UwsListenSocket): void;
}

/** Only handed back to the module. */
export interface UwsListenSocket {
  readonly __uws: never;
}

export interface UwsApp {
  any(pattern: string, handle: (response: UwsResponse, request: UwsRequest) => void): void;
  ws<Data>(pattern: string, behavior: UwsSocketBehavior<Data>): void;
  publish(topic: string, message: Uint8Array, isBinary: boolean): void;
  listen(
    host: string,
    port: number,
    options: number,
    listening: (socket: UwsListenSocket | false) => void,
  ): void;
  /** Closes all connections. */
  close(): void;
}

/** Good until the handler returns. */
export interface UwsRequest {
  forEachHeader(visit: (name: string, value: string) => void): void;
  getCaseSensitiveMethod(): string;
  getUrl(): string;
  getQuery(): string;
}

/** Any call throws once it is answered or aborted. */
export interface UwsResponse {
  getRemoteAddressAsText(): ArrayBuffer;
  onAborted(aborted: () => void): void;
  /** A chunk is good until `read` returns. */
  onData(read: (chunk: ArrayBuffer, isLast: boolean) => void): void;
  cork(write: () => void): void;
  writeStatus(status: string): void;
  writeHeader(name: string, value: string): void;
  /** Without a body: what `write` has written is all. */
  end(body?: Uint8Array | string): void;
  /** A part of the body. False when the client is slow: `onWritable` says when there is room again. */
  write(chunk: Uint8Array): boolean;
  onWritable(writable: (offset: number) => boolean): void;
  /** As an answer to HEAD, with the length that the body would have, where that is known. */
  endWithoutBody(reportedLength?: number): void;
  /** Ends the connection, with an answer half sent. */
  close(): void;
  upgrade(data: unknown, key: string, protocol: string, extensions: string, context: UwsContext): void;
}

/** Only handed back to `upgrade`. */
export interface UwsContext {
  readonly __uws: never;
}

/** Any call throws once it is closed. */
export interface UwsSocket<Data> {
  getUserData(): Data;
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
  send(message: Uint8Array | string, isBinary: boolean): void;
  sendFirstFragment(bytes: Uint8Array, isBinary: boolean): void;
  sendFragment(bytes: Uint8Array): void;
  sendLastFragment(bytes: Uint8Array): void;
  cork(write: () => void): void;
  getBufferedAmount(): number;
  end(code: number, reason: string): void;
}

export interface UwsSocketBehavior<Data> {
  readonly maxPayloadLength: number;
  readonly maxBackpressure: number;
  readonly closeOnBackpressureLimit: boolean;
  readonly idleTimeout: number;
  readonly sendPingsAutomatically: boolean;
  upgrade(response: UwsResponse, request: UwsRequest, context: UwsContext): void;
  open(socket: UwsSocket<Data>): void;
  message(socket: UwsSocket<Data>, message: ArrayBuffer, isBinary: boolean): void;
  drain(socket: UwsSocket<Data>): void;
  close(socket: UwsSocket<Data>): void;
}
