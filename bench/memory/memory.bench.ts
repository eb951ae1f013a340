import type { ServiceBatch } from '../../proto/columns/index.ts';
import { columnsByName } from '../../workers/columns/index.ts';
import { createDecoder } from '../../workers/decode/index.ts';
import { loadDecoderModule, loadRequestTypes } from '../../workers/reference/index.ts';
import { collectGarbage } from '../collect-garbage.ts';
import { createPayloadSource, type PayloadSource } from '../decode/payloads.ts';
import { median } from '../median.ts';
import { number, readOptions } from '../read-options.ts';
import { measureSmallBatches } from './small-batches.ts';

const SPANS_A_REQUEST = 1_000;

/** Enough for a steady figure: a million as objects would need gigabytes. */
const OBJECT_REQUESTS = 20;
const ROUNDS = 5;

/**
 * Bytes of the buffers that a million spans of ten attributes are held in, as windows hold them: each shared buffer
 * counted once, at its full length. Two of the attributes have 100,000 values each (`--many`; 0: a new one for each
 * span), the others a few. `rssBytesPerSpan` is how much the process has grown, with objects, garbage and all. `ratio`: of
 * what such spans take as protobufjs objects. `smallBatches`: a minute of many services that send little at a time.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const values = readOptions(args, {
    spans: number(1_000_000, 'spans in the window'),
    many: number(100_000, 'distinct values of the attribute that has many'),
    services: number(200, 'services that send small batches'),
    sends: number(2, 'small batches that each of them sends a second, for a minute'),
    small: number(20, 'spans of a small batch'),
  });
  const requests = Math.ceil(values.spans / SPANS_A_REQUEST);
  const payload = await createPayloadSource({ manyValues: values.many, plain: true });
  warmUp(payload, await loadDecoderModule());
  const decoder = createDecoder({ module: await loadDecoderModule() });
  const window: ServiceBatch[] = [];
  const before = residentBytes();
  let spans = 0;
  for (let request = 0; request < requests; request++) {
    const decoded = decoder.decode('traces', payload('traces', SPANS_A_REQUEST));
    if ('undecodable' in decoded) throw new Error(decoded.reason);
    window.push(...decoded.batches);
    spans += decoded.accepted;
  }
  const rssBytes = residentBytes() - before;
  const columns = new Set(window.flatMap(({ batch }) => columnBuffers(batch)));
  const tables = new Set(window.flatMap(({ batch }) => tableBuffers(batch)));
  const perSpan = (bytes: number): number => Math.round((10 * bytes) / spans) / 10;
  const protobufjsBytesPerSpan = await objectBytesPerSpan(payload);
  const smallBatches = await measureSmallBatches({
    module: await loadDecoderModule(),
    payload,
    services: values.services,
    batchesPerService: values.sends * 60,
    spansPerBatch: values.small,
  });
  const bytesPerSpan = perSpan(lengthOf(columns) + lengthOf(tables));
  return {
    spans,
    bytesPerSpan,
    protobufjsBytesPerSpan,
    ratio: Math.round((10 * protobufjsBytesPerSpan) / bytesPerSpan) / 10,
    columnBytesPerSpan: perSpan(lengthOf(columns)),
    dictionaryBytesPerSpan: perSpan(lengthOf(tables)),
    rssBytesPerSpan: perSpan(rssBytes),
    smallBatches,
    generations: new Set(window.map(({ batch }) => batch.dictionary.id)).size,
  };
}

/**
 * Of the same spans as protobufjs decodes them, held as they are: objects and strings on the heap, and the requests' bytes that
 * their ids are views of. Median of the rounds.
 */
async function objectBytesPerSpan(payload: PayloadSource): Promise<number> {
  const { traces } = await loadRequestTypes();
  // A function: what a round holds is let go before the next.
  const round = (): number => {
    const before = heldBytes();
    // Copied, as what is encoded lies in memory that it shares with others.
    const held = Array.from({ length: OBJECT_REQUESTS }, () =>
      traces.decode(Uint8Array.from(payload('traces', SPANS_A_REQUEST))),
    );
    return (heldBytes() - before) / (held.length * SPANS_A_REQUEST);
  };
  return Math.round(median(Array.from({ length: ROUNDS }, round)));
}

function heldBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** What is compiled and allocated once is not the window's. */
function warmUp(payload: PayloadSource, module: WebAssembly.Module): void {
  const decoder = createDecoder({ module });
  for (let request = 0; request < 100; request++) {
    decoder.decode('traces', payload('traces', SPANS_A_REQUEST));
  }
}

function residentBytes(): number {
  collectGarbage();
  return process.memoryUsage().rss;
}

type Batch = ServiceBatch['batch'];

/** The batch's own buffer and the zeros that all share. */
function columnBuffers(batch: Batch): ArrayBufferLike[] {
  return [batch.buffer, ...viewsIn(columnsByName(batch)).map(({ buffer }) => buffer)];
}

function tableBuffers(batch: Batch): ArrayBufferLike[] {
  return viewsIn(batch.dictionary.tables).map(({ buffer }) => buffer);
}

function viewsIn(tree: object): ArrayBufferView[] {
  if (ArrayBuffer.isView(tree)) return [tree];
  return Object.values(tree).flatMap((value: unknown) =>
    typeof value === 'object' && value !== null ? viewsIn(value) : [],
  );
}

function lengthOf(buffers: ReadonlySet<ArrayBufferLike>): number {
  let bytes = 0;
  for (const buffer of buffers) bytes += buffer.byteLength;
  return bytes;
}
