// Hot: once a point. Bench: bench/hot-query.
import type { Batch, DictionarySnapshot } from '../../proto/columns/index.ts';
import { entryId } from '../native/index.ts';

/**
 * A hash of a point's series: its resource, scope and attributes, by the low words of the ids that their entries have in the
 * archive, which are hashes already. ClickHouse computes the same: attributes in another order are the same series.
 */
export const RESOURCE_FACTOR = 0x9e37_79b1;
export const SCOPE_FACTOR = 0x85eb_ca77;

type Table = 'resources' | 'scopes' | 'attributes';

/** Low words of entry ids by code, computed when first asked for. */
class LowWords {
  private readonly table: Table;
  private snapshot: DictionarySnapshot;
  private words = new Float64Array(0);

  constructor(table: Table, snapshot: DictionarySnapshot) {
    this.table = table;
    this.snapshot = snapshot;
    this.extend(snapshot);
  }

  extend(snapshot: DictionarySnapshot): void {
    const { count } = snapshot.tables[this.table];
    if (count <= this.words.length) return;
    const larger = new Float64Array(count).fill(-1);
    larger.set(this.words);
    this.words = larger;
    this.snapshot = snapshot;
  }

  of(code: number): number {
    const known = this.words[code] ?? -1;
    if (known >= 0) return known;
    const { offsets, bytes } = this.snapshot.tables[this.table];
    const word = Number(entryId(bytes.slice(offsets[code], offsets[code + 1])) & 0xffff_ffffn);
    this.words[code] = word;
    return word;
  }
}

type Generation = { readonly [T in Table]: LowWords };

export class SeriesHashes {
  private readonly generations = new Map<number, Generation>();
  private hashes = new Uint32Array(0);

  /** A hash a row; until the next call. */
  of({ dictionary, columns, rowCount }: Batch<'metrics'>): Uint32Array {
    const { resources, scopes, attributes } = this.generation(dictionary);
    if (this.hashes.length < rowCount) this.hashes = new Uint32Array(rowCount);
    const { hashes } = this;
    const { offsets, items } = columns.attributes;
    let item = offsets[0] ?? 0;
    for (let row = 0; row < rowCount; row += 1) {
      let hash = Math.imul(resources.of(columns.resource[row] ?? 0), RESOURCE_FACTOR);
      hash = (hash + Math.imul(scopes.of(columns.scope[row] ?? 0), SCOPE_FACTOR)) | 0;
      const end = offsets[row + 1] ?? 0;
      for (; item < end; item += 1) hash = (hash + attributes.of(items[item] ?? 0)) | 0;
      hashes[row] = hash;
    }
    return hashes;
  }

  private generation(snapshot: DictionarySnapshot): Generation {
    let generation = this.generations.get(snapshot.id);
    if (!generation) {
      generation = {
        resources: new LowWords('resources', snapshot),
        scopes: new LowWords('scopes', snapshot),
        attributes: new LowWords('attributes', snapshot),
      };
      this.generations.set(snapshot.id, generation);
    }
    for (const words of Object.values(generation)) words.extend(snapshot);
    return generation;
  }
}
