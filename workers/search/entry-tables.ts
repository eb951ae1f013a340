// Hot: once a distinct entry and search. Bench: bench/hot-query.
import type { DictionaryName, DictionarySnapshot } from '../../proto/columns/index.ts';

/** Whether each entry of one table passes, by its code. */
export interface PassedEntries {
  /** 1: it passes. */
  readonly passes: Uint8Array;
  /** Whether any does. */
  readonly hasAny: boolean;
}

interface Generation {
  passes: Uint8Array;
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
  ) => boolean;
  private readonly generations = new Map<number, Generation>();

  constructor(table: DictionaryName, test: EntryTables['test']) {
    this.table = table;
    this.test = test;
  }

  of(snapshot: DictionarySnapshot): PassedEntries {
    let generation = this.generations.get(snapshot.id);
    if (!generation) {
      generation = { passes: new Uint8Array(0), tested: 0, hasAny: false };
      this.generations.set(snapshot.id, generation);
    }
    if (generation.tested < snapshot.tables[this.table].count) this.extend(generation, snapshot);
    return generation;
  }

  private extend(generation: Generation, snapshot: DictionarySnapshot): void {
    const { count, offsets, bytes } = snapshot.tables[this.table];
    if (generation.passes.length < count) {
      const larger = new Uint8Array(Math.max(count, 2 * generation.passes.length));
      larger.set(generation.passes);
      generation.passes = larger;
    }
    const { passes } = generation;
    for (let code = generation.tested; code < count; code += 1) {
      if (!this.test(bytes, offsets[code] ?? 0, offsets[code + 1] ?? 0, code, snapshot)) continue;
      passes[code] = 1;
      generation.hasAny = true;
    }
    generation.tested = count;
  }
}
