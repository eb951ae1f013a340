import type { DecodedRequest, Signal, UndecodableRequest } from '../../proto/columns/index.ts';

/**
 * Turns OTLP requests into column batches. Not shared between threads; the batches may be.
 *
 * `decode` borrows `bytes` for the call. Its batches all refer to one dictionary generation; a new generation begins
 * only between requests, so a request may carry its generation beyond the bounds by what it may add itself.
 */
export interface Decoder {
  readonly engine: DecoderEngine;
  /** Requests that the WebAssembly engine could not take, so that the JavaScript one decoded them. */
  readonly fallbacks: number;
  decode<S extends Signal>(signal: S, bytes: Uint8Array): DecodedRequest<S> | UndecodableRequest;
}

export type DecoderEngine = 'webassembly' | 'javascript';

export interface DecoderBounds {
  /** A generation with more entries than this is followed by the next. Default 262,144. */
  readonly maxDictionaryEntries: number;
  /** A generation with more bytes of entries than this is followed by the next. Default 64 MiB. */
  readonly maxDictionaryBytes: number;
  /** A request that adds more entries than this is refused as a whole. Default 1,048,576. */
  readonly maxRequestEntries: number;
}

const REQUEST_NAMES = {
  traces: 'ExportTraceServiceRequest',
  metrics: 'ExportMetricsServiceRequest',
  logs: 'ExportLogsServiceRequest',
} as const satisfies Record<Signal, string>;

/** `problem` is a sentence. */
export function undecodable(signal: Signal, problem: string): UndecodableRequest {
  return { undecodable: true, reason: `The ${REQUEST_NAMES[signal]} cannot be read. ${problem}` };
}
