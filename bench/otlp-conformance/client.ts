import type { Signal } from '../../proto/columns/index.ts';
import type { DecodedStatus } from '../../runtime/receivers/otlp/fixtures/index.ts';

/** What a status of HTTP or gRPC says, in one word for both. */
export type Verdict =
  | 'success'
  | 'bad-data'
  | 'too-large'
  | 'unavailable'
  | 'unsupported'
  | 'unauthenticated'
  | 'forbidden'
  | 'bug'
  | 'other';

export interface Answer {
  readonly verdict: Verdict;
  /** Of HTTP or gRPC. */
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;
  /** After `content-encoding`. */
  readonly body: Buffer;
  /** The Export…ServiceResponse as OTLP/JSON writes it; only of a success. */
  readonly response: Record<string, unknown>;
  /** google.rpc.Status; of anything but a success. */
  readonly status: DecodedStatus;
  /** The client's port: the same for answers over one connection. */
  readonly connection: number;
}

export interface SendOptions {
  /** How `bytes` are compressed, as the sender says. */
  readonly compression?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One connection to a receiver, over the lane's transport. */
export interface Client {
  send(signal: Signal, bytes: Uint8Array, options?: SendOptions): Promise<Answer>;
  close(): void;
}
