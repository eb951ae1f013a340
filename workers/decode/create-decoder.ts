import type { Decoder, DecoderBounds } from './decoder.ts';
import { createJavaScriptDecoder } from './javascript-decoder.ts';
import { WasmDecoder } from './wasm-decoder.ts';

export interface DecoderOptions extends Partial<DecoderBounds> {
  /** The compiled `workers/decode/wasm`. Without it the decoder is the one in JavaScript. */
  readonly module?: WebAssembly.Module;
}

export function createDecoder(options: DecoderOptions = {}): Decoder {
  const bounds = {
    maxDictionaryEntries: options.maxDictionaryEntries ?? 262_144,
    maxDictionaryBytes: options.maxDictionaryBytes ?? 64 * 1024 * 1024,
    maxRequestEntries: options.maxRequestEntries ?? 1024 * 1024,
  };
  return options.module ? new WasmDecoder(options.module, bounds) : createJavaScriptDecoder(bounds);
}
