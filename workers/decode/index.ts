export { countItems } from './count-items.ts';
export type { Decoder } from './decoder.ts';
export { createDecoder } from './create-decoder.ts';
export { MAX_SERVICES } from './service-batches.ts';
export { jsonToWire } from './json-to-wire.ts';
