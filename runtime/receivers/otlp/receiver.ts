import { KEY_HEADER } from '../../../proto/access/index.ts';
import type { Signal } from '../../../proto/columns/index.ts';
import { ByteBudget } from '../../http/index.ts';
import type { Ingest } from '../../ingest/index.ts';
import { RoomDelay } from './room-delay.ts';

/** Who sends, as far as a request says. */
export interface Sender {
  /** Of `authorization: Bearer …`, else of `x-ophion-key`. */
  readonly key: string | undefined;
  readonly remoteAddress: string;
  /** What proxies say, if there were any. */
  readonly forwardedFor: string | undefined;
}

/**
 * `unknown`: 401, UNAUTHENTICATED. `forbidden`: known, and may not send this signal: 403, PERMISSION_DENIED. With a time: too
 * many requests, try again after it: 429, RESOURCE_EXHAUSTED.
 */
export type Access =
  | 'granted'
  | 'unknown'
  | 'forbidden'
  | {
      readonly retryAfterMs: number;
      /** `RateLimit-*` and `Retry-After`, for HTTP. */
      readonly headers: Readonly<Record<string, string>>;
    };

/** Why a request did not come as far as the ingest. */
export type ReceiverRefusal =
  | 'no-room'
  | 'too-large'
  | 'malformed-compression'
  | 'unsupported'
  | 'no-access'
  | 'rate-limited'
  | 'too-slow';

export interface OtlpReceiverOptions {
  readonly ingest: Pick<Ingest, 'accept'>;
  /** Bytes of a request, as sent and inflated. */
  readonly maxRequestBytes: number;
  /** Bytes of all requests under way, as sent and inflated; at least twice `maxRequestBytes` is used. */
  readonly maxInFlightBytes: number;
  /** Without it everybody may send. */
  readonly authorize?: (sender: Sender, signal: Signal) => Access;
  /** Told of a page that is refused, whoever may send without a key. */
  readonly noteForeignPage?: (sender: Sender, signal: Signal) => void;
  readonly onError: (error: unknown) => void;
  /** Monotonic ms; for tests. */
  readonly now?: () => number;
}

/** What the two doors of one receiver share. */
export interface OtlpReceiver extends OtlpReceiverOptions {
  readonly budget: ByteBudget;
  /** When to come back, of both doors' requests for which the budget has no room. */
  readonly roomDelay: Pick<RoomDelay, 'delayMs'>;
  /** Requests, by reason. */
  readonly refused: ReadonlyMap<ReceiverRefusal, number>;
  countRefusal(reason: ReceiverRefusal): void;
}

export function createOtlpReceiver(options: OtlpReceiverOptions): OtlpReceiver {
  const refused = new Map<ReceiverRefusal, number>();
  const limitBytes = Math.max(options.maxInFlightBytes, 2 * options.maxRequestBytes);
  const now = options.now ?? (() => performance.now());
  const roomDelay = new RoomDelay({ limitBytes, now, random: Math.random });
  return {
    ...options,
    budget: new ByteBudget(limitBytes, roomDelay),
    roomDelay,
    refused,
    countRefusal(reason) {
      refused.set(reason, (refused.get(reason) ?? 0) + 1);
    },
  };
}

/** `header`: by its name in lower case. */
export function senderOf(header: (name: string) => string | undefined, remoteAddress: string): Sender {
  const bearer = /^bearer +(\S+)$/i.exec(header('authorization') ?? '')?.[1];
  return { key: bearer ?? header(KEY_HEADER), remoteAddress, forwardedFor: header('x-forwarded-for') };
}

export const NO_ROOM =
  'too much is being received at once; try again, or raise OPHION_OTLP_MAX_IN_FLIGHT_BYTES';
export const NO_ACCESS = {
  unknown: 'the sender is not known: send a valid key as authorization: Bearer or x-ophion-key',
  forbidden: 'the key does not allow to send this signal',
} as const;

export const TOO_SLOW = 'the request did not arrive in time: send smaller batches';
export const TOO_MANY = 'too many requests; send larger batches, or raise OPHION_INGEST_RATE';

export function tooLargeReason(maxRequestBytes: number): string {
  return `the request is larger than ${maxRequestBytes} bytes: send smaller batches, or raise OPHION_OTLP_MAX_REQUEST_BYTES`;
}
