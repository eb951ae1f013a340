// Hot: once a point. Bench: bench/detect.
import type { Batch, DictionaryTable } from '../../proto/columns/index.ts';
import { dictionaryReader, type DictionaryReader } from '../columns/index.ts';

/** Two independent hashes of each entry of a dictionary, filled in as they are asked for. */
interface EntryHashes {
  known: Uint8Array;
  words: Uint32Array;
}

interface GenerationHashes {
  readonly metrics: EntryHashes;
  readonly resources: EntryHashes;
  readonly attributes: EntryHashes;
}

const byGeneration = new WeakMap<DictionaryReader, GenerationHashes>();
const HIGH_UNIT = 2 ** 32;

/** Hashes a batch's series by the bytes of metric, resource and attributes, in whichever order these come: the same in any thread. */
export class SeriesHasher {
  private readonly batch: Batch<'metrics'>;
  private readonly hashes: GenerationHashes;
  private low = 0;
  private high = 0;

  constructor(batch: Batch<'metrics'>) {
    this.batch = batch;
    const reader = dictionaryReader(batch.dictionary);
    let hashes = byGeneration.get(reader);
    if (hashes === undefined) {
      hashes = { metrics: noHashes(), resources: noHashes(), attributes: noHashes() };
      byGeneration.set(reader, hashes);
    }
    this.hashes = hashes;
  }

  /** 53 bits, of which some tens of thousands of series hardly ever share one. */
  hashOf(row: number): number {
    const { columns, dictionary } = this.batch;
    const { tables } = dictionary;
    this.low = 0;
    this.high = 0;
    this.mix(this.hashes.metrics, tables.metrics, columns.metric[row] ?? 0, 0x9e3779b1);
    this.mix(this.hashes.resources, tables.resources, columns.resource[row] ?? 0, 0x85ebca6b);
    const { offsets, items } = columns.attributes;
    for (let at = offsets[row] ?? 0; at < (offsets[row + 1] ?? 0); at += 1) {
      this.mix(this.hashes.attributes, tables.attributes, items[at] ?? 0, 0xc2b2ae35);
    }
    return (this.high >>> 11) * HIGH_UNIT + (this.low >>> 0);
  }

  /** Adds: the order does not matter. */
  private mix(hashes: EntryHashes, table: DictionaryTable, code: number, factor: number): void {
    if (hashes.known[code] !== 1) learn(hashes, table, code);
    this.low = (this.low + Math.imul((hashes.words[2 * code] ?? 0) ^ factor, 0x27d4eb2f)) | 0;
    this.high = (this.high + Math.imul((hashes.words[2 * code + 1] ?? 0) ^ factor, 0x165667b1)) | 0;
  }
}

function noHashes(): EntryHashes {
  return { known: new Uint8Array(64), words: new Uint32Array(128) };
}

function learn(hashes: EntryHashes, { offsets, bytes }: DictionaryTable, code: number): void {
  if (code >= hashes.known.length) {
    const known = new Uint8Array(2 * code);
    const words = new Uint32Array(4 * code);
    known.set(hashes.known);
    words.set(hashes.words);
    hashes.known = known;
    hashes.words = words;
  }
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (let at = offsets[code] ?? 0; at < (offsets[code + 1] ?? 0); at += 1) {
    const byte = bytes[at] ?? 0;
    low = Math.imul(low ^ byte, 0x01000193);
    high = Math.imul(high ^ byte, 0x5bd1e995);
    high ^= high >>> 15;
  }
  low ^= low >>> 16;
  hashes.words[2 * code] = Math.imul(low, 0x85ebca6b);
  hashes.words[2 * code + 1] = Math.imul(high, 0xc2b2ae35);
  hashes.known[code] = 1;
}
