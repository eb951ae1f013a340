import { settleSeries, TEST_KINDS, TEST_SIZES, type TestKind } from '../../workers/watch/index.ts';
import type { SeriesRegistry } from './series-registry.ts';
import type { SeriesIdentity, WatchedSeries } from './watched-series.ts';

/** To be raised whenever doubles of a state come to mean something else; sizes are looked at besides. */
const VERSION = 2;
const MOST_BYTES = 96 * 2 ** 20;
/** What was usual longer ago may not be any more. */
const LONGEST_MS = 86_400_000;
/** Length and checksum of the rest; a multiple of eight. */
const HEAD_BYTES = 16;
const BYTES = Float64Array.BYTES_PER_ELEMENT;

interface Directory {
  readonly version: number;
  readonly sizes: Readonly<Record<TestKind, number>>;
  readonly savedMs: number;
  /** In the order of their states. */
  readonly series: readonly { readonly identity: SeriesIdentity; readonly bornMs: number }[];
}

/** Why kept states are of no use: they are learned anew. */
export class UnusableWatchState extends Error {
  constructor(reason: string) {
    super(
      `what was learned of series before the start is not used: ${reason}; it is learned anew, which takes minutes`,
    );
    this.name = 'UnusableWatchState';
  }
}

/** What is known of series that are known well enough, those known longest first, as far as there is room. */
export function writeWatchState(registry: SeriesRegistry, nowMs: number): Uint8Array {
  const kept: WatchedSeries[] = [];
  let bytes = HEAD_BYTES;
  const known = [...registry.all()].filter(({ isLearning }) => !isLearning);
  for (const series of known.sort((one, other) => one.bornMs - other.bornMs)) {
    // A name is in its key and beside it, a character of it three bytes at most.
    bytes += BYTES * TEST_SIZES[series.test] + 6 * series.key.length + 300;
    if (bytes > MOST_BYTES) break;
    kept.push(series);
  }
  const directory: Directory = {
    version: VERSION,
    sizes: TEST_SIZES,
    savedMs: nowMs,
    series: kept.map((series) => ({ identity: identityOf(series), bornMs: series.bornMs })),
  };
  const json = new TextEncoder().encode(JSON.stringify(directory));
  const states = Math.ceil(json.length / BYTES) * BYTES + HEAD_BYTES;
  const doubles = kept.reduce((sum, { test }) => sum + TEST_SIZES[test], 0);
  const document = new Uint8Array(states + doubles * BYTES);
  document.set(json, HEAD_BYTES);
  let at = states;
  for (const series of kept) {
    document.set(registry.bytesOf(series), at);
    at += BYTES * TEST_SIZES[series.test];
  }
  const head = new DataView(document.buffer);
  head.setUint32(0, json.length, true);
  head.setUint32(4, checksum(document), true);
  return document;
}

/**
 * Goes on with series as they were. Whatever was in doubt then is not in doubt now: nobody knows what came meanwhile.
 *
 * @returns how many
 * @throws UnusableWatchState where the document is of another version, too old, or damaged; nothing is taken from it then
 */
export function readWatchState(document: Uint8Array, registry: SeriesRegistry, nowMs: number): number {
  const bytes = document.slice();
  if (bytes.length < HEAD_BYTES || bytes.length % BYTES !== 0) throw new UnusableWatchState('it is cut off');
  const head = new DataView(bytes.buffer);
  if (head.getUint32(4, true) !== checksum(bytes)) throw new UnusableWatchState('it is damaged');
  const { version, sizes, savedMs, series } = directoryOf(
    bytes.subarray(HEAD_BYTES, HEAD_BYTES + head.getUint32(0, true)),
  );
  if (version !== VERSION || TEST_KINDS.some((kind) => sizes[kind] !== TEST_SIZES[kind])) {
    throw new UnusableWatchState('it is of another version');
  }
  if (nowMs - savedMs > LONGEST_MS) throw new UnusableWatchState('it is older than a day');
  let at = HEAD_BYTES + Math.ceil(head.getUint32(0, true) / BYTES) * BYTES;
  let count = 0;
  for (const { identity, bornMs } of series) {
    const size = TEST_SIZES[identity.test];
    const state = new Float64Array(bytes.buffer, at, size);
    at += BYTES * size;
    settleSeries(identity.test, state);
    if (registry.restore(identity, bornMs, state, nowMs)) count += 1;
  }
  return count;
}

function directoryOf(json: Uint8Array): Directory {
  try {
    return JSON.parse(new TextDecoder().decode(json)) as Directory;
  } catch {
    throw new UnusableWatchState('it cannot be read');
  }
}

function identityOf(series: WatchedSeries): SeriesIdentity {
  const { service, serviceId, test, source, signal, name, operation, peer, peerName, labels, unit } = series;
  return { service, serviceId, test, source, signal, name, operation, peer, peerName, labels, unit };
}

/** FNV-1a over words of four bytes, the checksum itself left out. */
function checksum({ buffer, byteLength }: Uint8Array): number {
  const words = new Uint32Array(buffer, 0, byteLength / 4);
  let hash = 0x811c9dc5;
  for (let index = 0; index < words.length; index += 1) {
    if (index !== 1) hash = Math.imul(hash ^ (words[index] ?? 0), 0x01000193);
  }
  return hash >>> 0;
}
