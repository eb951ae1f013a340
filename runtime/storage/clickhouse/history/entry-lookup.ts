import type { AttributeJson, MetricJson, ResourceJson, ScopeJson } from '../../../../proto/api/index.ts';
import {
  readAttribute,
  readMetricEntry,
  readResourceEntry,
  readScopeEntry,
} from '../../../../workers/columns/index.ts';
import type { EntryTable } from '../../../../workers/native/index.ts';
import { WireReader } from '../../../../workers/wire/index.ts';
import { inTurns } from './in-turns.ts';
import type { Reader } from '../reader.ts';
import { attributeJson, metricJson, resourceJson, scopeJson } from '../../../../workers/json/index.ts';

interface EntryTypes {
  readonly attributes: AttributeJson;
  readonly resources: ResourceJson;
  readonly scopes: ScopeJson;
  readonly metrics: MetricJson;
}

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
  const wanted = [...new Set(ids)];
  const found = new Map<string, EntryTypes[Table]>();
  for (let from = 0; from < wanted.length; from += IDS_A_QUERY) {
    const rows = await reader.records<{ id: string; bytes: string }>(
      `SELECT id, base64Encode(bytes) AS bytes FROM ${table}
       WHERE id IN (SELECT arrayJoin({ids:Array(UInt64)})) LIMIT 1 BY id`,
      { ids: wanted.slice(from, from + IDS_A_QUERY).map(BigInt) },
    );
    const read = READERS[table];
    await inTurns(rows, ({ id, bytes }) => {
      found.set(id, read(Buffer.from(bytes, 'base64')));
    });
  }
  return new Entries(table, found);
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
  const wanted = {
    resources: [...new Set(rows.map(({ resource }) => resource))],
    scopes: [...new Set(rows.map(({ scope }) => scope))],
    attributes: [...new Set(attributeIds)],
  };
  const count = wanted.resources.length + wanted.scopes.length + wanted.attributes.length;
  if (count > IDS_A_QUERY) {
    const [resources, scopes, attributes] = await Promise.all([
      lookUp(reader, 'resources', wanted.resources),
      lookUp(reader, 'scopes', wanted.scopes),
      lookUp(reader, 'attributes', wanted.attributes),
    ]);
    return { resources, scopes, attributes };
  }
  return lookUpTogether(reader, wanted);
}

/** In one statement: most answers need few entries, and each statement costs a turn of the engine. */
async function lookUpTogether(
  reader: Reader,
  wanted: { readonly [Table in keyof OriginEntries]: readonly string[] },
): Promise<OriginEntries> {
  const tables = ['resources', 'scopes', 'attributes'] as const;
  const parts = tables
    .filter((table) => wanted[table].length > 0)
    .map(
      (table) => `SELECT '${table}' AS entries, id, base64Encode(bytes) AS bytes FROM ${table}
        WHERE id IN (SELECT arrayJoin({${table}:Array(UInt64)})) LIMIT 1 BY id`,
    );
  const found = { resources: new Map(), scopes: new Map(), attributes: new Map() };
  const records =
    parts.length === 0
      ? []
      : await reader.records<{ entries: (typeof tables)[number]; id: string; bytes: string }>(
          parts.join(' UNION ALL '),
          Object.fromEntries(tables.map((table) => [table, wanted[table].map(BigInt)])),
        );
  await inTurns(records, ({ entries, id, bytes }) => {
    found[entries].set(id, READERS[entries](Buffer.from(bytes, 'base64')));
  });
  return {
    resources: new Entries('resources', found.resources),
    scopes: new Entries('scopes', found.scopes),
    attributes: new Entries('attributes', found.attributes),
  };
}
