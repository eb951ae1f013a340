// Hot: every OTLP/gRPC request. Bench: bench/ingest.
import { status } from '@grpc/grpc-js';
import { Hold } from '../../http/index.ts';
import type { RawCall } from './grpc-internals.ts';
import { asBuffer, bodyOf, giveBack, GrpcMessages } from './grpc-messages.ts';
import { GrpcFailure } from './grpc-status.ts';
import {
  compressionOf,
  EXPECTED_ENCODINGS,
  inflate,
  type Compression,
  type Inflated,
} from './inflate/index.ts';
import { NO_ROOM, TOO_SLOW, tooLargeReason, type OtlpReceiver } from './receiver.ts';

/**
 * Counts what the call holds, from its first byte to its answer, and inflates within that bound. A request that does not end in
 * time is given up, however steadily it drips.
 */
export function boundCall(receiver: OtlpReceiver, call: RawCall, timeoutMs: number): void {
  const hold = new Hold(receiver.budget);
  const { handleDataFrame, sendStatus } = call;
  const messages = new GrpcMessages(receiver.maxRequestBytes);
  const timer = setTimeout(() => {
    receiver.countRefusal('too-slow');
    refuseUnread(call, new GrpcFailure(status.DEADLINE_EXCEEDED, TOO_SLOW));
    messages.drop();
    hold.release();
    call.stream.close();
  }, timeoutMs);
  call.stream.once('end', () => {
    clearTimeout(timer);
  });
  call.stream.once('close', () => {
    clearTimeout(timer);
    messages.drop();
    hold.release();
  });
  call.decoder = messages;
  call.handleDataFrame = (data) => {
    if (hold.take(data.length)) {
      handleDataFrame.call(call, data);
      return;
    }
    hold.release();
    const bytes = Math.max(hold.wantedBytes, messages.announcedBytes(data));
    // Once: its other frames are still on their way.
    refuseUnread(call, noRoom(receiver, bytes));
  };
  call.decompressMessage = (message, encoding) => {
    const body = bodyOf(message);
    const compression = compressionOf(encoding);
    if (compression === 'identity') return body;
    if (compression === undefined) throw unknownEncoding(encoding, receiver);
    const inflated = inflate(body, compression, {
      maxBytes: receiver.maxRequestBytes,
      reserve: (bytes) => hold.take(bytes),
    });
    const bytesOf = (result: Inflated): Buffer => {
      giveBack(body);
      if (result.type === 'no-room') throw noRoom(receiver, hold.wantedBytes);
      return bytesOrFailure(result, compression, receiver);
    };
    return inflated instanceof Promise ? inflated.then(bytesOf) : bytesOf(inflated);
  };
  call.sendStatus = (sent) => {
    // grpc-js itself refuses what is larger as sent, and does not say what to do.
    const isOurs = sent instanceof GrpcFailure || sent.metadata?.get('grpc-status-details-bin').length === 1;
    const isTooLarge = sent.code === status.RESOURCE_EXHAUSTED && !isOurs;
    sendStatus.call(call, isTooLarge ? tooLarge(receiver) : sent);
  };
}

function bytesOrFailure(
  inflated: Exclude<Inflated, { readonly type: 'no-room' }>,
  compression: Compression,
  receiver: OtlpReceiver,
): Buffer {
  if (inflated.type === 'inflated') return asBuffer(inflated.bytes);
  if (inflated.type === 'too-large') throw tooLarge(receiver);
  receiver.countRefusal('malformed-compression');
  throw new GrpcFailure(status.INVALID_ARGUMENT, `the request is not ${compression}: ${inflated.reason}`);
}

function tooLarge(receiver: OtlpReceiver): GrpcFailure {
  receiver.countRefusal('too-large');
  return new GrpcFailure(status.RESOURCE_EXHAUSTED, tooLargeReason(receiver.maxRequestBytes));
}

function noRoom(receiver: OtlpReceiver, bytes: number): GrpcFailure {
  receiver.countRefusal('no-room');
  return new GrpcFailure(status.UNAVAILABLE, NO_ROOM, receiver.roomDelay.delayMs(bytes));
}

function unknownEncoding(encoding: string, receiver: OtlpReceiver): GrpcFailure {
  receiver.countRefusal('unsupported');
  const reason = `the encoding is ${encoding}: ${EXPECTED_ENCODINGS}`;
  return new GrpcFailure(status.UNIMPLEMENTED, reason);
}

/** By its metadata alone: what whoever may not send has sent is neither kept nor inflated. */
export function refuseUnread(call: RawCall, refusal: GrpcFailure): void {
  call.handleDataFrame = () => undefined;
  call.sendStatus(refusal);
}
