import { Writer } from 'protobufjs/minimal.js';
import type { Signal } from '../../../proto/columns/index.ts';
import { cutUtf8 } from '../../http/index.ts';
import type { RequestEncoding } from '../../ingest/index.ts';

/** google.rpc.Code, as far as OTLP receivers answer with it. */
export const RpcCode = {
  invalidArgument: 3,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

const REJECTED_FIELD = {
  traces: 'rejectedSpans',
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
} as const;

/** What OTLP recommends as the most, before compression. */
export const MAX_RESPONSE_BYTES = 4 * 2 ** 20;
/** JSON writes some characters as 6 bytes. */
const MAX_ERROR_MESSAGE_BYTES = Math.floor((MAX_RESPONSE_BYTES - 1_024) / 6);

/** Statuses travel in headers too, and three times in those of gRPC, of which clients accept some KiB. */
export const MAX_STATUS_MESSAGE_BYTES = 1_024;

/** `Export…ServiceResponse`. With nothing rejected and nothing to say, `partial_success` stays unset. */
export function exportResponse(
  signal: Signal,
  encoding: RequestEncoding,
  rejected: number,
  wholeMessage: string,
): Uint8Array {
  const message = cutUtf8(wholeMessage, MAX_ERROR_MESSAGE_BYTES);
  const isFull = rejected === 0 && message === '';
  if (encoding === 'json') {
    const partialSuccess = { [REJECTED_FIELD[signal]]: String(rejected), errorMessage: message };
    return Buffer.from(JSON.stringify(isFull ? {} : { partialSuccess }));
  }
  if (isFull) return new Uint8Array(0);
  // Export…ServiceResponse.partial_success = 1 { rejected_… = 1, error_message = 2 }, alike for all signals.
  return Writer.create()
    .uint32(10)
    .fork()
    .uint32(8)
    .int64(rejected)
    .uint32(18)
    .string(message)
    .ldelim()
    .finish();
}

/** What senders are told of a bug. */
export const UNEXPECTED = 'an unexpected error; the log says more';

/**
 * `google.rpc.Status`. Its details: for `invalidArgument` a `BadRequest` with the message, and with `retryAfterMs` a
 * `RetryInfo`.
 */
export function rpcStatus(
  encoding: RequestEncoding,
  code: number,
  message: string,
  retryAfterMs?: number,
): Uint8Array {
  const isBadRequest = code === RpcCode.invalidArgument;
  if (encoding === 'json') {
    const details = [
      ...(isBadRequest
        ? [{ '@type': `${TYPES}BadRequest`, fieldViolations: [{ description: message }] }]
        : []),
      ...(retryAfterMs === undefined
        ? []
        : [{ '@type': `${TYPES}RetryInfo`, retryDelay: `${Math.ceil(retryAfterMs) / 1_000}s` }]),
    ];
    return Buffer.from(JSON.stringify({ code, message, ...(details.length === 0 ? {} : { details }) }));
  }
  const writer = Writer.create().uint32(8).int32(code).uint32(18).string(message);
  if (isBadRequest) writeDetail(writer, 'BadRequest', badRequest(message));
  if (retryAfterMs !== undefined) writeDetail(writer, 'RetryInfo', retryInfo(retryAfterMs));
  return writer.finish();
}

const TYPES = 'type.googleapis.com/google.rpc.';

/** Status.details = 3: google.protobuf.Any { type_url = 1, value = 2 }. */
function writeDetail(writer: Writer, type: string, value: Uint8Array): void {
  writer.uint32(26).fork().uint32(10).string(`${TYPES}${type}`).uint32(18).bytes(value).ldelim();
}

/** BadRequest.field_violations = 1 { description = 2 }. */
function badRequest(description: string): Uint8Array {
  return Writer.create().uint32(10).fork().uint32(18).string(description).ldelim().finish();
}

/** RetryInfo.retry_delay = 1: google.protobuf.Duration { seconds = 1, nanos = 2 }. */
function retryInfo(delayMs: number): Uint8Array {
  const retryAfterMs = Math.ceil(delayMs);
  return Writer.create()
    .uint32(10)
    .fork()
    .uint32(8)
    .int64(Math.floor(retryAfterMs / 1000))
    .uint32(16)
    .int32((retryAfterMs % 1000) * 1e6)
    .ldelim()
    .finish();
}
