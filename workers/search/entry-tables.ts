// Hot: once a distinct entry and search. Bench: bench/hot-query.
import type { DictionaryName, DictionarySnapshot } from '../../proto/columns/index.ts';
import { attributeKeys } from './attribute-keys.ts';

/** What a test says of an entry. `FAILS`: it has the key that is looked for, and does not pass. */
export const OTHER = 0;
export const PASSES = 1;
export const FAILS = 2;
export type EntryState = typeof OTHER | typeof PASSES | typeof FAILS;

/** What each entry of one table is, by its code. */
export interface PassedEntries {
  readonly states: Uint8Array;
  /** Whether any passes. */
  readonly hasAny: boolean;
}

interface Generation {
  states: Uint8Array;
  tested: number;
  hasAny: boolean;
}

/** Tests each entry of a dictionary table once, however many batches and snapshots of a generation there are. */
export class EntryTables {
  private readonly table: DictionaryName;
  private readonly test: (
    bytes: Uint8Array,
    start: number,
    end: number,
    code: number,
    snapshot: DictionarySnapshot,
  ) => boolean | EntryState;
  private readonly key: string | undefined;
  private readonly generations = new Map<number, Generation>();

  /** `key`: of attributes, only those of it are tested; the others are `OTHER`. */
  constructor(table: DictionaryName, test: EntryTables['test'], key?: string) {
    this.table = table;
    this.test = test;
    this.key = key;
  }

  of(snapshot: DictionarySnapshot): PassedEntries {
    let generation = this.generations.get(snapshot.id);
    if (!generation) {
      generation = { states: new Uint8Array(0), tested: 0, hasAny: false };
      this.generations.set(snapshot.id, generation);
    }
    if (generation.tested < snapshot.tables[this.table].count) this.extend(generation, snapshot);
    return generation;
  }

  private extend(generation: Generation, snapshot: DictionarySnapshot): void {
    const { count, offsets, bytes } = snapshot.tables[this.table];
    if (generation.states.length < count) {
      const larger = new Uint8Array(Math.max(count, 2 * generation.states.length));
      larger.set(generation.states);
      generation.states = larger;
    }
    const { states } = generation;
    const keyed = this.key === undefined ? undefined : attributeKeys(snapshot);
    const key = keyed ? keyed.keys.indexOf(this.key ?? '') : 0;
    for (let code = generation.tested; code < count; code += 1) {
      if (keyed && keyed.keyOf[code] !== key) continue;
      const state = Number(this.test(bytes, offsets[code] ?? 0, offsets[code + 1] ?? 0, code, snapshot));
      states[code] = state;
      if (state === PASSES) generation.hasAny = true;
    }
    generation.tested = count;
  }
}
