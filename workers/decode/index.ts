export { countItems } from './count-items.ts';
export { createDecoder, type Decoder } from './decoder.ts';
export { MAX_SERVICES } from './service-batches.ts';
export { jsonToWire } from './json-to-wire.ts';
