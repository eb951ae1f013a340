import type { Page, SpanHit, TimeRange, TraceSearch } from '../../../../actors/ports/index.ts';
import type { SpanJson } from '../../../../proto/api/index.ts';
import type { Reader } from '../reader.ts';
import { Conditions } from './conditions.ts';
import { inTurns } from './in-turns.ts';
import { lookUpOrigins, type OriginEntries } from './entry-lookup.ts';
import { SEARCH_SETTINGS } from './search-sql.ts';
import { serviceJson, type SpanOutline } from '../../../../workers/json/index.ts';

export interface ServiceRow {
  readonly serviceNamespace: string;
  readonly serviceName: string;
  readonly serviceEnvironment: string;
}

export function serviceOf({ serviceNamespace, serviceName, serviceEnvironment }: ServiceRow): {
  namespace: string;
  name: string;
  environment: string;
} {
  return { namespace: serviceNamespace, name: serviceName, environment: serviceEnvironment };
}

/** An id of all zeros is an absent one. */
export function hexId(id: string): string {
  return /^0+$/.test(id) ? '' : id;
}

interface SpanRow extends ServiceRow {
  readonly traceIdHex: string;
  readonly spanIdHex: string;
  readonly parentSpanIdHex: string;
  readonly startTimeUnixNano: string;
  readonly durationNano: string;
  readonly name: string;
  readonly kind: number;
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly traceState: string;
  readonly flags: number;
  readonly resource: string;
  readonly scope: string;
  readonly attributes: readonly string[];
  readonly droppedAttributesCount: number;
  readonly eventTimes: readonly string[];
  readonly eventNames: readonly string[];
  readonly eventAttributes: readonly (readonly string[])[];
  readonly eventDropped: readonly number[];
  readonly droppedEventsCount: number;
  readonly linkTraceIds: readonly string[];
  readonly linkSpanIds: readonly string[];
  readonly linkTraceStates: readonly string[];
  readonly linkAttributes: readonly (readonly string[])[];
  readonly linkDropped: readonly number[];
  readonly linkFlags: readonly number[];
  readonly droppedLinksCount: number;
}

const SPAN_COLUMNS = `
  serviceNamespace, serviceName, serviceEnvironment,
  lower(hex(traceId)) AS traceIdHex, lower(hex(spanId)) AS spanIdHex, lower(hex(parentSpanId)) AS parentSpanIdHex,
  startTimeUnixNano, durationNano, name, kind, statusCode, statusMessage, traceState, flags, resource, scope,
  attributes, droppedAttributesCount,
  events.timeUnixNano AS eventTimes, events.name AS eventNames, events.attributes AS eventAttributes,
  events.droppedAttributesCount AS eventDropped, droppedEventsCount,
  arrayMap(id -> lower(hex(id)), links.traceId) AS linkTraceIds,
  arrayMap(id -> lower(hex(id)), links.spanId) AS linkSpanIds,
  links.traceState AS linkTraceStates, links.attributes AS linkAttributes,
  links.droppedAttributesCount AS linkDropped, links.flags AS linkFlags, droppedLinksCount`;

function spanJson(row: SpanRow, { resources, scopes, attributes }: OriginEntries): SpanJson {
  return {
    service: serviceJson(serviceOf(row)),
    resource: resources.get(row.resource),
    scope: scopes.get(row.scope),
    traceId: hexId(row.traceIdHex),
    spanId: hexId(row.spanIdHex),
    parentSpanId: hexId(row.parentSpanIdHex),
    name: row.name,
    kind: row.kind,
    startTimeUnixNano: row.startTimeUnixNano,
    endTimeUnixNano: endOf(row),
    status: { code: row.statusCode, message: row.statusMessage },
    traceState: row.traceState,
    flags: row.flags,
    attributes: attributes.all(row.attributes),
    droppedAttributesCount: row.droppedAttributesCount,
    events: row.eventTimes.map((timeUnixNano, i) => ({
      timeUnixNano,
      name: row.eventNames[i] ?? '',
      attributes: attributes.all(row.eventAttributes[i] ?? []),
      droppedAttributesCount: row.eventDropped[i] ?? 0,
    })),
    droppedEventsCount: row.droppedEventsCount,
    links: row.linkTraceIds.map((traceId, i) => ({
      traceId: hexId(traceId),
      spanId: hexId(row.linkSpanIds[i] ?? ''),
      traceState: row.linkTraceStates[i] ?? '',
      attributes: attributes.all(row.linkAttributes[i] ?? []),
      droppedAttributesCount: row.linkDropped[i] ?? 0,
      flags: row.linkFlags[i] ?? 0,
    })),
    droppedLinksCount: row.droppedLinksCount,
  };
}

/** As a subquery the primary key serves it; as an array it does not. */
const TRACE_IDS = '(SELECT toFixedString(unhex(arrayJoin({traceIds:Array(String)})), 16))';

const BEHIND = `HAVING newest < {afterStart:UInt64}
  OR newest = {afterStart:UInt64} AND traceIdHex > {afterTraceId:String}`;

export async function findTraces(
  reader: Reader,
  { search, among }: TraceSearch,
  range: TimeRange,
  { limit, after, asOf }: Page<SpanHit>,
  through: number,
): Promise<SpanHit[]> {
  const where = new Conditions(reader.run, through)
    .within('startTimeUnixNano', range)
    .meant(search, 'traces')
    .arrivedBy(asOf);
  if (among) where.add(`traceId IN ${TRACE_IDS}`, { traceIds: among });
  const rows = await reader.records<{ traceIdHex: string; newest: string }>(
    `SELECT lower(hex(traceId)) AS traceIdHex, max(startTimeUnixNano) AS newest
     FROM spans WHERE ${where.sql}
     GROUP BY traceId ${after ? BEHIND : ''} ORDER BY newest DESC, traceIdHex LIMIT {limit:UInt32}
     ${SEARCH_SETTINGS}`,
    {
      ...where.parameters,
      limit,
      ...(after && { afterStart: String(after.startTimeUnixNano), afterTraceId: after.traceId }),
    },
  );
  return rows.map(({ traceIdHex, newest }) => ({ traceId: traceIdHex, startTimeUnixNano: BigInt(newest) }));
}

/**
 * Where the traces are, for the primary key: their days, their services, their first and last starts. Read once, and then constants of
 * the statement: a subquery each would be run to make a set of it.
 */
const PLACE = `WITH (
  SELECT (groupUniqArray(day), groupUniqArrayArray(services), min(firstStartUnixNano), max(lastStartUnixNano))
  FROM trace_index WHERE traceId IN ${TRACE_IDS} AND segment <= {through:UInt64}
) AS place`;
const AT_PLACE = `
  day IN place.1 AND serviceName IN place.2
  AND startTimeUnixNano >= place.3 AND startTimeUnixNano <= place.4`;

/** One statement: each costs a turn of the engine, which under load is most of the time of a small trace. */
async function spanRows<Row>(
  reader: Reader,
  columns: string,
  traceIds: readonly string[],
  limit: number,
  through: number,
): Promise<Row[]> {
  const known = traceIds.filter((id) => /^[0-9a-f]{32}$/i.test(id));
  if (known.length === 0) return [];
  const where = new Conditions(reader.run, through);
  return reader.records<Row>(
    `${PLACE} SELECT ${columns} FROM spans
     WHERE ${AT_PLACE} AND traceId IN ${TRACE_IDS} AND ${where.sql}
     ORDER BY startTimeUnixNano, spanId LIMIT {limit:UInt32}`,
    { ...where.parameters, traceIds: known, limit },
  );
}

type OutlineRow = ServiceRow &
  Pick<SpanRow, 'spanIdHex' | 'parentSpanIdHex' | 'startTimeUnixNano' | 'durationNano' | 'name' | 'kind'>;

const OUTLINE_COLUMNS = `
  serviceNamespace, serviceName, serviceEnvironment, lower(hex(spanId)) AS spanIdHex,
  lower(hex(parentSpanId)) AS parentSpanIdHex, startTimeUnixNano, durationNano, name, kind`;

export async function spanOutlines(
  reader: Reader,
  traceId: string,
  limit: number,
  through: number,
): Promise<SpanOutline[]> {
  const rows = await spanRows<OutlineRow>(reader, OUTLINE_COLUMNS, [traceId], limit, through);
  const outlines: SpanOutline[] = [];
  await inTurns(rows, (row) =>
    outlines.push({
      service: serviceJson(serviceOf(row)),
      spanId: hexId(row.spanIdHex),
      parentSpanId: hexId(row.parentSpanIdHex),
      name: row.name,
      kind: row.kind,
      startTimeUnixNano: row.startTimeUnixNano,
      endTimeUnixNano: endOf(row),
    }),
  );
  return outlines;
}

function endOf({
  startTimeUnixNano,
  durationNano,
}: Pick<SpanRow, 'startTimeUnixNano' | 'durationNano'>): string {
  return String(BigInt.asUintN(64, BigInt(startTimeUnixNano) + BigInt(durationNano)));
}

export async function spansOf(
  reader: Reader,
  traceIds: readonly string[],
  limit: number,
  through: number,
): Promise<SpanJson[]> {
  const rows = await spanRows<SpanRow>(reader, SPAN_COLUMNS, traceIds, limit, through);
  const attributeIds = new Set<string>();
  await inTurns(rows, (row) => {
    for (const id of row.attributes) attributeIds.add(id);
    for (const ids of [...row.eventAttributes, ...row.linkAttributes]) {
      for (const id of ids) attributeIds.add(id);
    }
  });
  const entries = await lookUpOrigins(reader, rows, attributeIds);
  const spans: SpanJson[] = [];
  await inTurns(rows, (row) => spans.push(spanJson(row, entries)));
  return spans;
}
