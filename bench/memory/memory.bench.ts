import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ServiceBatch } from '../../proto/columns/index.ts';
import { columnsByName } from '../../workers/columns/index.ts';
import { createDecoder } from '../../workers/decode/index.ts';
import { loadDecoderModule } from '../../workers/reference/index.ts';
import { createPayloadSource } from '../decode/payloads.ts';
import { number, readOptions } from '../read-options.ts';

const SPANS_A_REQUEST = 1_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/**
 * Bytes of the buffers that a million spans of ten attributes are held in, as windows hold them: each shared buffer
 * counted once, at its full length. Two of the attributes have 100,000 values each (`--many`; 0: a new one for each
 * span), the others a few. `rssBytesPerSpan` is how much the process has grown, with objects, garbage and all.
 */
export async function run(args: readonly string[]): Promise<Record<string, number>> {
  const values = readOptions(args, {
    spans: number(1_000_000, 'spans in the window'),
    many: number(100_000, 'distinct values of the attribute that has many'),
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
  return {
    spans,
    bytesPerSpan: perSpan(lengthOf(columns) + lengthOf(tables)),
    columnBytesPerSpan: perSpan(lengthOf(columns)),
    dictionaryBytesPerSpan: perSpan(lengthOf(tables)),
    rssBytesPerSpan: perSpan(rssBytes),
    generations: new Set(window.map(({ batch }) => batch.dictionary.id)).size,
  };
}

/** What is compiled and allocated once is not the window's. */
function warmUp(payload: (signal: 'traces', items: number) => Uint8Array, module: WebAssembly.Module): void {
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
