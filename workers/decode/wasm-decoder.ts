// Hot: once a request. Bench: bench/decode.
import type {
  DecodedRequest,
  ServiceBatch,
  ServiceKey,
  Signal,
  UndecodableRequest,
} from '../../proto/columns/index.ts';
import { SharedDictionary } from '../columns/index.ts';
import { faultSentence, WIRE_FAULTS } from '../wire/index.ts';
import { tooManyEntries, warningsOf } from './decode-context.ts';
import { undecodable, type Decoder, type DecoderBounds } from './decoder.ts';
import { createJavaScriptDecoder } from './javascript-decoder.ts';
import { MAX_SERVICES, ServiceKeys, TOO_MANY_SERVICES } from './service-batches.ts';
import { addRange, batchOf, rowsIn, type RowRanges } from './wasm-batches.ts';
import { WasmInstance, type WasmFault } from './wasm-instance.ts';

/** Larger requests would not fit beside what is made of them. */
const LARGEST_REQUEST_BYTES = 128 * 1024 * 1024;
/** An instance whose memory has grown beyond this is replaced before the next request: memory never shrinks. */
const KEPT_MEMORY_BYTES = 128 * 1024 * 1024;

// Codes in workers/decode/wasm/faults.ts after those of `WIRE_FAULTS`.
const TOO_MANY_ENTRIES = WIRE_FAULTS.length + 1;
const OUT_OF_MEMORY = WIRE_FAULTS.length + 2;

/** What one stretch of requests shares: the tables in the instance's memory and their copy for readers. */
interface Generation {
  readonly instance: WasmInstance;
  readonly dictionary: SharedDictionary;
  readonly services: ServiceKeys;
}

/**
 * Decodes in WebAssembly. What does not fit its memory, and whatever makes it trap, is decoded in JavaScript and
 * counted as a fallback; the instance is then thrown away with its generation.
 */
export class WasmDecoder implements Decoder {
  readonly engine = 'webassembly';
  fallbacks = 0;
  private readonly module: WebAssembly.Module;
  private readonly bounds: DecoderBounds;
  private generation: Generation | undefined;
  private inJavaScript: Decoder | undefined;

  constructor(module: WebAssembly.Module, bounds: DecoderBounds) {
    this.module = module;
    this.bounds = bounds;
    // A module that does not fit this code is an error now and not a fallback for ever.
    this.generation = newGeneration(new WasmInstance(module));
  }

  decode<S extends Signal>(signal: S, bytes: Uint8Array): DecodedRequest<S> | UndecodableRequest {
    const decoded = this.decodeHere(signal, bytes);
    if (decoded) return decoded;
    this.fallbacks++;
    this.inJavaScript ??= createJavaScriptDecoder(this.bounds);
    return this.inJavaScript.decode(signal, bytes);
  }

  /** `undefined`: WebAssembly cannot take it. */
  private decodeHere<S extends Signal>(
    signal: S,
    bytes: Uint8Array,
  ): DecodedRequest<S> | UndecodableRequest | undefined {
    if (bytes.length > LARGEST_REQUEST_BYTES) return undefined;
    const generation = this.currentGeneration();
    // Whatever goes wrong from here on, this instance is not used again.
    this.generation = undefined;
    if (!generation || !hasDecoded(generation.instance, signal, bytes, this.bounds.maxRequestEntries)) {
      return undefined;
    }
    const decoded = resultOf(signal, generation);
    generation.instance.finish();
    this.generation = generation;
    return decoded;
  }

  /** `undefined`: there is no memory for a new one. */
  private currentGeneration(): Generation | undefined {
    const { generation } = this;
    try {
      if (!generation || generation.instance.memoryBytes > KEPT_MEMORY_BYTES) {
        return newGeneration(new WasmInstance(this.module));
      }
      return isFull(generation, this.bounds) ? newGeneration(generation.instance) : generation;
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }
}

function isFull(
  { dictionary }: Generation,
  { maxDictionaryEntries, maxDictionaryBytes }: DecoderBounds,
): boolean {
  return dictionary.entryCount > maxDictionaryEntries || dictionary.sizeBytes > maxDictionaryBytes;
}

function newGeneration(instance: WasmInstance): Generation {
  if (!instance.startGeneration()) throw new RangeError('There is no memory for empty dictionaries.');
  const dictionary = new SharedDictionary();
  instance.copyEntries(dictionary);
  return { instance, dictionary, services: new ServiceKeys() };
}

/** False: it trapped, or it ran out of memory. */
function hasDecoded(instance: WasmInstance, signal: Signal, bytes: Uint8Array, maxEntries: number): boolean {
  try {
    return instance.decode(signal, bytes, maxEntries) && instance.fault().code !== OUT_OF_MEMORY;
  } catch (error) {
    // A stack that is too deep is a RangeError.
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) return false;
    throw error;
  }
}

function resultOf<S extends Signal>(
  signal: S,
  { instance, dictionary, services }: Generation,
): DecodedRequest<S> | UndecodableRequest {
  const fault = instance.fault();
  const byService = rangesByService(instance, dictionary, services);
  if (byService === undefined) return undecodable(signal, TOO_MANY_SERVICES);
  if (fault.code !== 0) return undecodable(signal, problemOf(fault));
  const snapshot = dictionary.snapshot();
  const batches: ServiceBatch<S>[] = [];
  for (const [service, ranges] of byService) {
    if (rowsIn(ranges) > 0) batches.push({ service, batch: batchOf(instance, signal, ranges, snapshot) });
  }
  return {
    signal,
    batches,
    accepted: instance.accepted,
    rejected: instance.rejected,
    rejections: instance.rejections(),
    warnings: warningsOf(instance.ignoredStringIndexes),
  };
}

/** `undefined`: there are more than `MAX_SERVICES`. */
function rangesByService(
  instance: WasmInstance,
  dictionary: SharedDictionary,
  services: ServiceKeys,
): Map<ServiceKey, RowRanges> | undefined {
  instance.copyEntries(dictionary);
  const byService = new Map<ServiceKey, RowRanges>();
  const count = instance.segmentCount;
  for (let index = 0; index < count; index++) {
    const { resource, start, end } = instance.segment(index);
    const service = services.of(resource, dictionary.tables.resources);
    let ranges = byService.get(service);
    if (!ranges) {
      if (byService.size === MAX_SERVICES) return undefined;
      ranges = [];
      byService.set(service, ranges);
    }
    if (start < end) addRange(ranges, start, end);
  }
  return byService;
}

function problemOf({ code, at, end, value }: WasmFault): string {
  if (code === TOO_MANY_ENTRIES) return tooManyEntries(value);
  const fault = WIRE_FAULTS[code - 1];
  if (fault === undefined) {
    throw new RangeError(`the WebAssembly decoder knows a fault ${code} that is none here`);
  }
  return faultSentence(fault, at, end, value);
}
