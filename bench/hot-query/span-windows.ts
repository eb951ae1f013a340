import type { ServiceBatch } from '../../proto/columns/index.ts';
import { createDecoder } from '../../workers/decode/index.ts';
import { loadDecoderModule } from '../../workers/reference/index.ts';
import { createPayloadSource } from '../decode/payloads.ts';

/** Names of one length, to be put in the place of the payload's own. */
const SERVICES = [
  'checkout',
  'payments',
  'shipping',
  'accounts',
  'products',
  'frontend',
  'currency',
  'invoices',
];
const SPANS_A_REQUEST = 1_000;
/** Encoding costs far more than decoding: each request is decoded so often, for other services. */
const DECODED = 20;

/** Batches of `spans` spans of ten attributes from eight services, made by the decoder that serves. */
export async function makeSpanWindows(
  spans: number,
  visit: (request: number, batches: readonly ServiceBatch[]) => void,
): Promise<void> {
  const payload = await createPayloadSource({ plain: true });
  const decoder = createDecoder({ module: await loadDecoderModule() });
  const requests = Math.ceil(spans / SPANS_A_REQUEST);
  let bytes: Uint8Array = new Uint8Array(0);
  for (let request = 0; request < requests; request += 1) {
    if (request % DECODED === 0) bytes = payload('traces', SPANS_A_REQUEST);
    rename(bytes, SERVICES[request % SERVICES.length] ?? '');
    const decoded = decoder.decode('traces', bytes);
    if ('undecodable' in decoded) throw new Error(decoded.reason);
    visit(request, decoded.batches);
    // Actors take what they were told.
    if (request % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

function rename(bytes: Uint8Array, service: string): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const key = buffer.indexOf('service.name');
  // Behind the key stand the field, a length, the field of a string, and its length.
  buffer.write(service, key + 'service.name'.length + 4);
}
