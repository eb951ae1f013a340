// Hot: once a distinct attribute and thread. Bench: bench/hot-query.
import type { DictionarySnapshot } from '../../proto/columns/index.ts';
import { dictionaryReader } from '../columns/index.ts';
import { AttributeShape } from './attribute-shape.ts';

export interface AttributeKeys {
  /** By code: a place in `keys`. */
  readonly keyOf: Uint32Array;
  readonly keys: readonly string[];
}

interface Known {
  keyOf: Uint32Array;
  known: number;
  readonly keys: string[];
  readonly places: Map<string, number>;
}

/** What a thread knows of a generation; kept while its reader is (see `dictionaryReader`). */
const byReader = new WeakMap<object, Known>();

/** The key of each attribute. Neighbours often share theirs, so that few are decoded. */
export function attributeKeys(snapshot: DictionarySnapshot): AttributeKeys {
  const reader = dictionaryReader(snapshot);
  let known = byReader.get(reader);
  if (!known) {
    known = { keyOf: new Uint32Array(0), known: 0, keys: [], places: new Map() };
    byReader.set(reader, known);
  }
  const { count, offsets, bytes } = snapshot.tables.attributes;
  if (known.known >= count) return known;
  if (known.keyOf.length < count) {
    const larger = new Uint32Array(Math.max(count, 2 * known.keyOf.length));
    larger.set(known.keyOf);
    known.keyOf = larger;
  }
  const shape = new AttributeShape();
  /** By a hash of the key's bytes: the place, and where such a key lies. */
  const hashed = new Map<number, { readonly place: number; readonly start: number; readonly size: number }>();
  for (let code = known.known; code < count; code += 1) {
    let place: number | undefined;
    let hash = 0;
    const isRegular = shape.read(bytes, offsets[code] ?? 0, offsets[code + 1] ?? 0);
    if (isRegular) {
      hash = hashOf(bytes, shape.keyStart, shape.keyEnd);
      const same = hashed.get(hash);
      if (same && isSame(bytes, same.start, shape.keyStart, same.size, shape.keyEnd - shape.keyStart)) {
        place = same.place;
      }
    }
    if (place === undefined) {
      place = placeOf(known, reader.attributeKey(code));
      if (isRegular) hashed.set(hash, { place, start: shape.keyStart, size: shape.keyEnd - shape.keyStart });
    }
    known.keyOf[code] = place;
  }
  known.known = count;
  return known;
}

function placeOf({ keys, places }: Known, key: string): number {
  let place = places.get(key);
  if (place === undefined) {
    place = keys.push(key) - 1;
    places.set(key, place);
  }
  return place;
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash, 31) + (bytes[at] ?? 0);
  return hash | 0;
}

function isSame(bytes: Uint8Array, a: number, b: number, aSize: number, bSize: number): boolean {
  if (aSize !== bSize) return false;
  for (let at = 0; at < aSize; at += 1) if (bytes[a + at] !== bytes[b + at]) return false;
  return true;
}
