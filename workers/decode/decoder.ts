import type { DecodedRequest, Signal, UndecodableRequest } from '../../proto/columns/index.ts';
import { DictionaryGeneration } from '../columns/index.ts';
import { MalformedWire } from '../wire/index.ts';
import { DecodeContext } from './decode-context.ts';
import { readLogRecord } from './read-logs.ts';
import { readMetric } from './read-metrics.ts';
import { RequestReader, type ItemReader } from './read-request.ts';
import { readSpan } from './read-spans.ts';
import { ServiceBatches, ServiceKeys } from './service-batches.ts';

export interface DecoderOptions {
  /** A generation with more entries than this is followed by the next. Default 262,144. */
  readonly maxDictionaryEntries?: number;
  /** A generation with more bytes of entries than this is followed by the next. Default 64 MiB. */
  readonly maxDictionaryBytes?: number;
}

/**
 * Turns OTLP requests into column batches. Not shared between threads; the batches may be.
 *
 * `decode` borrows `bytes` for the call. Its batches all refer to one dictionary generation; a new generation begins
 * only between requests, so a request may carry its generation beyond the bounds by what it holds itself.
 */
export interface Decoder {
  decode<S extends Signal>(signal: S, bytes: Uint8Array): DecodedRequest<S> | UndecodableRequest;
}

const REQUEST_NAMES = {
  traces: 'ExportTraceServiceRequest',
  metrics: 'ExportMetricsServiceRequest',
  logs: 'ExportLogsServiceRequest',
} as const satisfies Record<Signal, string>;

export function createDecoder(options: DecoderOptions = {}): Decoder {
  const { maxDictionaryEntries = 262_144, maxDictionaryBytes = 64 * 1024 * 1024 } = options;
  const context = new DecodeContext();
  const batches = {
    traces: new ServiceBatches('traces'),
    metrics: new ServiceBatches('metrics'),
    logs: new ServiceBatches('logs'),
  } satisfies { [S in Signal]: ServiceBatches<S> };
  const itemReaders = {
    traces: readSpan,
    metrics: readMetric,
    logs: readLogRecord,
  } satisfies { [S in Signal]: ItemReader<S> };
  let services = new ServiceKeys();

  function beginRequest(bytes: Uint8Array): void {
    const { dictionary } = context;
    if (dictionary.entryCount > maxDictionaryEntries || dictionary.sizeBytes > maxDictionaryBytes) {
      context.dictionary = new DictionaryGeneration();
      services = new ServiceKeys();
    }
    context.beginRequest(bytes);
  }

  function decode<S extends Signal>(signal: S, bytes: Uint8Array): DecodedRequest<S> | UndecodableRequest {
    const signalBatches = batches[signal] as unknown as ServiceBatches<S>;
    const readItem = itemReaders[signal] as unknown as ItemReader<S>;
    beginRequest(bytes);
    try {
      new RequestReader(context, services, signalBatches, readItem).readRequest(bytes.byteLength);
    } catch (error) {
      signalBatches.abandon();
      if (!(error instanceof MalformedWire)) throw error;
      return { undecodable: true, reason: `The ${REQUEST_NAMES[signal]} cannot be read. ${error.message}` };
    } finally {
      context.reader.release();
    }
    return {
      signal,
      batches: signalBatches.publish(context.dictionary.snapshot()),
      accepted: context.accepted,
      rejected: context.rejected,
      rejections: context.rejections,
      warnings: context.warnings,
    };
  }

  return { decode };
}
