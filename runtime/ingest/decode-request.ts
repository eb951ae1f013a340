import type { DecodedRequest, Signal } from '../../proto/columns/index.ts';
import { jsonToWire, type Decoder } from '../../workers/decode/index.ts';
import type { RequestEncoding } from './outcome.ts';

/** A request as columns, or the sentence that says why it cannot be read. */
export function decodeRequest(
  decoder: Decoder,
  signal: Signal,
  body: Uint8Array,
  encoding: RequestEncoding,
): DecodedRequest | string {
  const wire = encoding === 'json' ? jsonToWire(signal, body) : body;
  if ('undecodable' in wire) return wire.reason;
  const decoded = decoder.decode(signal, wire);
  return 'undecodable' in decoded ? decoded.reason : decoded;
}
