import type { AttributeJson, MetricJson, ResourceJson, ScopeJson } from '../../../../proto/api/index.ts';
import type { EntryTable } from '../../../../workers/native/index.ts';

export interface EntryTypes {
  readonly attributes: AttributeJson;
  readonly resources: ResourceJson;
  readonly scopes: ScopeJson;
  readonly metrics: MetricJson;
}

/** Some 20 MB in all. */
const MOST: { readonly [Table in EntryTable]: number } = {
  attributes: 50_000,
  resources: 2_000,
  scopes: 2_000,
  metrics: 5_000,
};

/**
 * Entries by id. An id is a hash of what it stands for, so that an entry never changes; looking one up costs a statement, which
 * is most of the time of a small answer.
 */
export class KnownEntries {
  private readonly tables: { readonly [Table in EntryTable]: Map<string, EntryTypes[Table]> } = {
    attributes: new Map(),
    resources: new Map(),
    scopes: new Map(),
    metrics: new Map(),
  };

  get<Table extends EntryTable>(table: Table, id: string): EntryTypes[Table] | undefined {
    return this.tables[table].get(id);
  }

  /** Entries of one answer. What would push out most of the others is not kept. */
  keep<Table extends EntryTable>(table: Table, entries: ReadonlyMap<string, EntryTypes[Table]>): void {
    const known = this.tables[table] as Map<string, EntryTypes[Table]>;
    const most = MOST[table];
    if (entries.size > most / 4) return;
    for (const [id, entry] of entries) known.set(id, entry);
    // The oldest first, as a map has them.
    for (const id of known.keys()) {
      if (known.size <= most) break;
      known.delete(id);
    }
  }
}
