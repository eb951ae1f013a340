import type { DecodedRequest, Signal, UndecodableRequest } from '../../proto/columns/index.ts';
import { DictionaryGeneration } from '../columns/index.ts';
import { MalformedWire } from '../wire/index.ts';
import { DecodeContext } from './decode-context.ts';
import { undecodable, type Decoder, type DecoderBounds } from './decoder.ts';
import { readLogRecord } from './read-logs.ts';
import { readMetric } from './read-metrics.ts';
import { RequestReader, type ItemReader } from './read-request.ts';
import { readSpan } from './read-spans.ts';
import { ServiceBatches, ServiceKeys } from './service-batches.ts';

export function createJavaScriptDecoder(bounds: DecoderBounds): Decoder {
  const context = new DecodeContext(bounds.maxRequestEntries);
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
    const { maxDictionaryEntries, maxDictionaryBytes } = bounds;
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
      return undecodable(signal, error.message);
    } finally {
      context.reader.release();
    }
    return {
      signal,
      batches: signalBatches.publish(context.dictionary.snapshot()),
      accepted: context.accepted,
      rejected: context.rejected,
      rejections: context.rejections,
      warnings: context.warnings(),
    };
  }

  return { engine: 'javascript', fallbacks: 0, decode };
}
