import { promisify } from 'node:util';
import { deflateSync, gunzip, gzipSync } from 'node:zlib';
import { loadReferenceZstd, lz4Frame, snappyBlock } from '../../runtime/receivers/otlp/fixtures/index.ts';
import { inflate, type Compression } from '../../runtime/receivers/otlp/index.ts';
import { createSpanPayload } from '../load/span-payload.ts';

const SPANS = 1_000;
const ROUNDS = 7;
const TIMES = 60;

/** µs a span to inflate requests of 1,000 spans, beside zlib's own asynchronous gunzip; medians of alternating rounds. */
export async function inflateCost(): Promise<Record<string, number>> {
  const bytes = (await createSpanPayload('bench', SPANS)).next();
  const zstd = await loadReferenceZstd();
  const bounds = { maxBytes: 64 * 2 ** 20, reserve: () => true };
  const ours = (packed: Uint8Array, compression: Compression) => async () =>
    inflate(packed, compression, bounds);
  const zipped = gzipSync(bytes);
  const asynchronous = promisify<Uint8Array, Uint8Array>(gunzip);
  const ways: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['gunzipUsPerSpan', () => asynchronous(zipped)],
    ['gzipUsPerSpan', ours(zipped, 'gzip')],
    ['deflateUsPerSpan', ours(deflateSync(bytes), 'deflate')],
    ['zstdUsPerSpan', ours(zstd.compress(bytes), 'zstd')],
    ['snappyUsPerSpan', ours(snappyBlock(bytes), 'snappy')],
    ['lz4UsPerSpan', ours(lz4Frame(bytes), 'lz4')],
  ];
  const measured = new Map<string, number[]>(ways.map(([name]) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, run] of ways) {
      const startedMs = performance.now();
      for (let i = 0; i < TIMES; i += 1) await run();
      // The first round is for the compilers.
      if (round > 0) measured.get(name)?.push(((performance.now() - startedMs) * 1_000) / (TIMES * SPANS));
    }
  }
  return Object.fromEntries([...measured].map(([name, values]) => [name, median(values)]));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round((sorted[sorted.length >> 1] ?? Number.NaN) * 1_000) / 1_000;
}
