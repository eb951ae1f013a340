import {
  readAttribute,
  readMetricEntry,
  readResourceEntry,
  readScopeEntry,
} from '../../../../workers/columns/index.ts';
import type { EntryTable } from '../../../../workers/native/index.ts';
import { WireReader } from '../../../../workers/wire/index.ts';
import { inTurns } from './in-turns.ts';
import type { EntryTypes } from './known-entries.ts';
import type { Reader } from '../reader.ts';
import { attributeJson, metricJson, resourceJson, scopeJson } from '../../../../workers/json/index.ts';

const READERS: { readonly [Table in EntryTable]: (bytes: Uint8Array) => EntryTypes[Table] } = {
  attributes: (bytes) => attributeJson(readAttribute(new WireReader().reset(bytes), bytes.length)),
  resources: (bytes) => resourceJson(readResourceEntry(new WireReader().reset(bytes), bytes.length)),
  scopes: (bytes) => scopeJson(readScopeEntry(new WireReader().reset(bytes), bytes.length)),
  metrics: (bytes) => metricJson(readMetricEntry(new WireReader().reset(bytes), bytes.length)),
};

/** An id that rows refer to and that no entry has. Entries are written first and outlive the rows: the database was changed. */
class MissingEntryError extends Error {
  constructor(table: EntryTable, id: string) {
    super(`ClickHouse has rows that refer to entry ${id} of ${table}, and no such entry.`);
    this.name = 'MissingEntryError';
  }
}

/** Entries of one table that were looked up. */
export class Entries<Table extends EntryTable> {
  private readonly table: Table;
  private readonly byId: ReadonlyMap<string, EntryTypes[Table]>;

  constructor(table: Table, byId: ReadonlyMap<string, EntryTypes[Table]>) {
    this.table = table;
    this.byId = byId;
  }

  get(id: string): EntryTypes[Table] {
    const entry = this.byId.get(id);
    if (entry === undefined) throw new MissingEntryError(this.table, id);
    return entry;
  }

  all(ids: readonly string[]): EntryTypes[Table][] {
    return ids.map((id) => this.get(id));
  }
}

/** Ids of one request, about 20 bytes each in its URL. */
const IDS_A_QUERY = 10_000;

export async function lookUp<Table extends EntryTable>(
  reader: Reader,
  table: Table,
  ids: Iterable<string>,
): Promise<Entries<Table>> {
  const wanted = knownOf(reader, table, ids);
  await lookUpMissing(reader, table, wanted);
  return new Entries(table, wanted.found);
}

interface Wanted<Table extends EntryTable> {
  readonly found: Map<string, EntryTypes[Table]>;
  readonly missing: readonly string[];
}

async function lookUpMissing<Table extends EntryTable>(
  reader: Reader,
  table: Table,
  { found, missing }: Wanted<Table>,
): Promise<void> {
  const read = READERS[table];
  const added = new Map<string, EntryTypes[Table]>();
  for (let from = 0; from < missing.length; from += IDS_A_QUERY) {
    const rows = await reader.records<{ id: string; bytes: string }>(
      `SELECT id, base64Encode(bytes) AS bytes FROM ${table}
       WHERE id IN (SELECT arrayJoin({ids:Array(UInt64)})) LIMIT 1 BY id`,
      { ids: missing.slice(from, from + IDS_A_QUERY).map(BigInt) },
    );
    await inTurns(rows, ({ id, bytes }) => {
      const entry = read(Buffer.from(bytes, 'base64'));
      found.set(id, entry);
      added.set(id, entry);
    });
  }
  reader.known.keep(table, added);
}

function knownOf<Table extends EntryTable>(
  reader: Reader,
  table: Table,
  ids: Iterable<string>,
): Wanted<Table> {
  const found = new Map<string, EntryTypes[Table]>();
  const missing: string[] = [];
  for (const id of new Set(ids)) {
    const entry = reader.known.get(table, id);
    if (entry === undefined) missing.push(id);
    else found.set(id, entry);
  }
  return { found, missing };
}

export interface OriginIds {
  readonly resource: string;
  readonly scope: string;
}

export interface OriginEntries {
  readonly resources: Entries<'resources'>;
  readonly scopes: Entries<'scopes'>;
  readonly attributes: Entries<'attributes'>;
}

/** What rows need to become JSON: their resources, their scopes, and the attributes named. */
export async function lookUpOrigins(
  reader: Reader,
  rows: readonly OriginIds[],
  attributeIds: Iterable<string>,
): Promise<OriginEntries> {
  const resources = knownOf(
    reader,
    'resources',
    rows.map(({ resource }) => resource),
  );
  const scopes = knownOf(
    reader,
    'scopes',
    rows.map(({ scope }) => scope),
  );
  const attributes = knownOf(reader, 'attributes', attributeIds);
  const wanted = { resources, scopes, attributes };
  const count = resources.missing.length + scopes.missing.length + attributes.missing.length;
  if (count <= IDS_A_QUERY) await lookUpTogether(reader, wanted);
  else {
    await Promise.all([
      lookUpMissing(reader, 'resources', resources),
      lookUpMissing(reader, 'scopes', scopes),
      lookUpMissing(reader, 'attributes', attributes),
    ]);
  }
  return {
    resources: new Entries('resources', resources.found),
    scopes: new Entries('scopes', scopes.found),
    attributes: new Entries('attributes', attributes.found),
  };
}

/** In one statement: most answers lack few entries, and each statement costs a turn of the engine. */
async function lookUpTogether(
  reader: Reader,
  wanted: { readonly [Table in keyof OriginEntries]: Wanted<Table> },
): Promise<void> {
  const tables = (['resources', 'scopes', 'attributes'] as const).filter(
    (table) => wanted[table].missing.length > 0,
  );
  if (tables.length === 0) return;
  const parts = tables.map(
    (table) => `SELECT '${table}' AS entries, id, base64Encode(bytes) AS bytes FROM ${table}
      WHERE id IN (SELECT arrayJoin({${table}:Array(UInt64)})) LIMIT 1 BY id`,
  );
  const records = await reader.records<{ entries: (typeof tables)[number]; id: string; bytes: string }>(
    parts.join(' UNION ALL '),
    Object.fromEntries(tables.map((table) => [table, wanted[table].missing.map(BigInt)])),
  );
  const added = { resources: new Map(), scopes: new Map(), attributes: new Map() };
  await inTurns(records, ({ entries, id, bytes }) => {
    const entry = READERS[entries](Buffer.from(bytes, 'base64'));
    (wanted[entries].found as Map<string, unknown>).set(id, entry);
    added[entries].set(id, entry);
  });
  for (const table of tables) reader.known.keep(table, added[table]);
}
