/** One open socket, as the live actor sees it. The same object for the socket's whole life. */
export interface LiveClient {
  /** Frames published to the topic reach it from now on. */
  join(topicKey: string): void;
  leave(topicKey: string): void;
  /** To this client alone. False when it cannot take more just now: nothing was sent. */
  send(message: Uint8Array | string): boolean;
  /** Bytes that the client has yet to take. */
  readonly bufferedBytes: number;
  close(code: number, reason: string): void;
}

/** To all clients that joined; a client whose buffer is full is passed over. */
export type PublishFrame = (topicKey: string, frame: Uint8Array) => void;
