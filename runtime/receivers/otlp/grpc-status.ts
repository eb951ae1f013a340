import { Metadata, status } from '@grpc/grpc-js';
import { cutUtf8 } from '../../http/index.ts';
import { READ_ENCODINGS } from './inflate/index.ts';
import { MAX_STATUS_MESSAGE_BYTES, rpcStatus } from './reply.ts';

/** A call that ends with another status than OK. */
export class GrpcFailure extends Error {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;

  /** `retryAfterMs`: the sender should try again then. */
  constructor(code: status, reason: string, retryAfterMs?: number) {
    const details = cutUtf8(reason, MAX_STATUS_MESSAGE_BYTES);
    super(details);
    this.name = 'GrpcFailure';
    this.code = code;
    this.details = details;
    this.metadata = new Metadata();
    const bytes = rpcStatus('protobuf', code, details, retryAfterMs);
    this.metadata.set('grpc-status-details-bin', Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    if (code === status.UNIMPLEMENTED) {
      this.metadata.set('grpc-accept-encoding', READ_ENCODINGS.join(','));
    }
  }
}
