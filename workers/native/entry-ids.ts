import { createHash } from 'node:crypto';

import {
  LAYOUTS,
  type Batch,
  type DictionarySnapshot,
  type Layout,
  type ListColumn,
} from '../../proto/columns/index.ts';

/** Dictionaries whose entries have rows of their own in the archive, found by id. */
export const ENTRY_TABLES = ['attributes', 'resources', 'scopes', 'metrics'] as const;
export type EntryTable = (typeof ENTRY_TABLES)[number];

/** The first eight bytes of the SHA-256 of an entry's bytes, read as a little-endian number. */
export function entryId(bytes: Uint8Array): bigint {
  return createHash('sha256').update(bytes).digest().readBigUInt64LE(0);
}

/** Entries by code, of one dictionary of one generation. */
export interface NewEntries {
  readonly snapshot: DictionarySnapshot;
  readonly table: EntryTable;
  readonly codes: readonly number[];
}

/** Ids of one dictionary of one generation, computed once a code. */
export class TableIds {
  /** Two words an id, low first; only of codes that were noted. */
  words = new Uint32Array(0);
  /** By code: the mark under which the entry was last noted. */
  private marks = new Int32Array(0);
  private hasId = new Uint8Array(0);
  private noted: number[] = [];
  private snapshot: DictionarySnapshot;
  private readonly table: EntryTable;

  constructor(snapshot: DictionarySnapshot, table: EntryTable) {
    this.snapshot = snapshot;
    this.table = table;
    this.extend(snapshot);
  }

  /** A later snapshot of the generation holds the same codes and more. */
  extend(snapshot: DictionarySnapshot): void {
    const { count } = snapshot.tables[this.table];
    if (count < this.marks.length) return;
    this.snapshot = snapshot;
    if (count === this.marks.length) return;
    this.words = enlarged(this.words, new Uint32Array(count * 2));
    this.marks = enlarged(this.marks, new Int32Array(count));
    this.hasId = enlarged(this.hasId, new Uint8Array(count));
  }

  noteAll(codes: Int32Array, from: number, to: number, mark: number): void {
    const { marks } = this;
    for (let i = from; i < to; i++) {
      const code = codes[i] ?? 0;
      if (marks[code] !== mark) this.note(code, mark);
    }
  }

  takeNoted(): NewEntries {
    const codes = this.noted;
    this.noted = [];
    return { snapshot: this.snapshot, table: this.table, codes };
  }

  forget(codes: readonly number[]): void {
    for (const code of codes) this.marks[code] = 0;
  }

  private note(code: number, mark: number): void {
    if (this.hasId[code] !== 1) {
      const { offsets, bytes } = this.snapshot.tables[this.table];
      const id = entryId(bytes.slice(offsets[code], offsets[code + 1]));
      this.words[code * 2] = Number(id & 0xffff_ffffn);
      this.words[code * 2 + 1] = Number(id >> 32n);
      this.hasId[code] = 1;
    }
    this.marks[code] = mark;
    this.noted.push(code);
  }
}

function enlarged<A extends Uint8Array | Uint32Array | Int32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

type GenerationIds = { readonly [Table in EntryTable]: TableIds };

/** Several decoder threads write a generation each, and each may be at its turn to the next. */
const KEPT_GENERATIONS = 16;

/** Where a layout has codes of entries, and how to reach them from the batch's columns. */
function noteColumn(
  layout: Layout,
  column: unknown,
  from: number,
  to: number,
  ids: GenerationIds,
  mark: number,
): void {
  if (layout.kind === 'list') {
    const { offsets, items } = column as ListColumn<unknown>;
    noteColumn(layout.item, items, offsets[from] ?? 0, offsets[to] ?? 0, ids, mark);
  } else if (layout.kind === 'struct') {
    for (const [name, field] of Object.entries(layout.fields)) {
      noteColumn(field, (column as Readonly<Record<string, unknown>>)[name], from, to, ids, mark);
    }
  } else if (layout.kind === 'code' && isEntryTable(layout.dictionary)) {
    ids[layout.dictionary].noteAll(column as Int32Array, from, to, mark);
  }
}

export function isEntryTable(name: string): name is EntryTable {
  return (ENTRY_TABLES as readonly string[]).includes(name);
}

/**
 * Ids of dictionary entries, and which entries still have to be written. An entry is noted when it is used for the
 * first time under a mark (a day, say); a new mark has everything written anew.
 */
export class EntryIds {
  mark = 1;
  private readonly generations = new Map<number, GenerationIds>();
  private unconfirmed: { readonly ids: TableIds; readonly codes: readonly number[] }[] = [];

  of(snapshot: DictionarySnapshot): GenerationIds {
    const known = this.generations.get(snapshot.id);
    // Moved to the end: the least used generation goes first.
    this.generations.delete(snapshot.id);
    const ids = known ?? generationIds(snapshot);
    this.generations.set(snapshot.id, ids);
    if (known) for (const table of ENTRY_TABLES) known[table].extend(snapshot);
    return ids;
  }

  /** Notes every entry that the batch uses; its ids are there from now on. */
  note(batch: Batch): void {
    const ids = this.of(batch.dictionary);
    const columns = batch.columns as Readonly<Record<string, unknown>>;
    for (const [name, layout] of Object.entries<Layout>(LAYOUTS[batch.signal])) {
      noteColumn(layout, columns[name], 0, batch.rowCount, ids, this.mark);
    }
  }

  /** What was noted since the last call. Then say whether it was written: `confirm` or `revoke`. */
  takeNew(): NewEntries[] {
    const taken: NewEntries[] = [];
    for (const generation of this.generations.values()) {
      for (const table of ENTRY_TABLES) {
        const entries = generation[table].takeNoted();
        if (entries.codes.length === 0) continue;
        taken.push(entries);
        this.unconfirmed.push({ ids: generation[table], codes: entries.codes });
      }
    }
    return taken;
  }

  confirm(): void {
    this.unconfirmed = [];
  }

  /** Lets go of all generations but the latest: when no batch that was noted is to be written any more. */
  trim(): void {
    for (const id of this.generations.keys()) {
      if (this.generations.size <= KEPT_GENERATIONS) break;
      this.generations.delete(id);
    }
  }

  /** What was taken or noted since the last `confirm` was not written: it will be noted again. */
  revoke(): void {
    this.takeNew();
    for (const { ids, codes } of this.unconfirmed) ids.forget(codes);
    this.unconfirmed = [];
  }
}

function generationIds(snapshot: DictionarySnapshot): GenerationIds {
  return {
    attributes: new TableIds(snapshot, 'attributes'),
    resources: new TableIds(snapshot, 'resources'),
    scopes: new TableIds(snapshot, 'scopes'),
    metrics: new TableIds(snapshot, 'metrics'),
  };
}
