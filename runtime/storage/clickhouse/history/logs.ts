import type {
  LogHit,
  LogPosition,
  LogSide,
  LogsBesidePage,
  LogStream,
  Page,
  StreamLog,
  TimeRange,
} from '../../../../actors/ports/index.ts';
import type { AnyValueJson, LogJson } from '../../../../proto/api/index.ts';
import { BodyKind } from '../../../../proto/columns/index.ts';
import type { SearchExpression } from '../../../../proto/query/index.ts';
import { readAnyValue } from '../../../../workers/columns/index.ts';
import { entryId } from '../../../../workers/native/index.ts';
import { WireReader } from '../../../../workers/wire/index.ts';
import type { Reader } from '../reader.ts';
import { Conditions } from './conditions.ts';
import { lookUpOrigins, type OriginEntries } from './entry-lookup.ts';
import { SEARCH_SETTINGS } from './search-sql.ts';
import { hexId, serviceOf, type ServiceRow } from './spans.ts';
import { anyValueJson, serviceJson } from '../../../../workers/json/index.ts';

interface LogRow extends ServiceRow {
  readonly segment: string;
  readonly ordinal: number;
  readonly logTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly observedTimeUnixNano: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly bodyKind: number;
  readonly bodyBase64: string;
  readonly eventName: string;
  readonly traceIdHex: string;
  readonly spanIdHex: string;
  readonly flags: number;
  readonly resource: string;
  readonly scope: string;
  readonly attributes: readonly string[];
  readonly droppedAttributesCount: number;
}

const LOG_COLUMNS = `
  segment, ordinal, logTimeUnixNano, serviceNamespace, serviceName, serviceEnvironment, timeUnixNano, observedTimeUnixNano, severityNumber, severityText,
  bodyKind, base64Encode(body) AS bodyBase64, eventName, lower(hex(traceId)) AS traceIdHex,
  lower(hex(spanId)) AS spanIdHex, flags, resource, scope, attributes, droppedAttributesCount`;

const textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

function bodyJson({ bodyKind, bodyBase64 }: LogRow): AnyValueJson {
  if (bodyKind === BodyKind.absent) return {};
  const bytes = Buffer.from(bodyBase64, 'base64');
  if (bodyKind === BodyKind.text) return { stringValue: textDecoder.decode(bytes) };
  return anyValueJson(readAnyValue(new WireReader().reset(bytes), bytes.length));
}

function logJson(row: LogRow, { resources, scopes, attributes }: OriginEntries): LogJson {
  return {
    service: serviceJson(serviceOf(row)),
    resource: resources.get(row.resource),
    scope: scopes.get(row.scope),
    timeUnixNano: row.timeUnixNano,
    observedTimeUnixNano: row.observedTimeUnixNano,
    severityNumber: row.severityNumber,
    severityText: row.severityText,
    body: bodyJson(row),
    eventName: row.eventName,
    traceId: hexId(row.traceIdHex),
    spanId: hexId(row.spanIdHex),
    flags: row.flags,
    attributes: attributes.all(row.attributes),
    droppedAttributesCount: row.droppedAttributesCount,
  };
}

export async function findLogs(
  reader: Reader,
  search: SearchExpression,
  range: TimeRange,
  { limit, after, asOf }: Page<LogPosition>,
  through: number,
): Promise<LogHit[]> {
  const where = new Conditions(reader.run, through)
    .within('logTimeUnixNano', range)
    .meant(search, 'logs')
    .arrivedBy(asOf);
  if (after) {
    where.add(
      `logTimeUnixNano <= {afterTime:UInt64} AND (logTimeUnixNano, segment, ordinal)
         < ({afterTime:UInt64}, {afterSegment:UInt64}, {afterOrdinal:UInt32})`,
      {
        afterTime: String(after.timeUnixNano),
        afterSegment: after.segment,
        afterOrdinal: after.ordinal,
      },
    );
  }
  const rows = await reader.records<LogRow>(
    `SELECT ${LOG_COLUMNS} FROM logs WHERE ${where.sql}
     ORDER BY logTimeUnixNano DESC, segment DESC, ordinal DESC LIMIT {limit:UInt32} ${SEARCH_SETTINGS}`,
    { ...where.parameters, limit },
  );
  return hitsOf(reader, rows);
}

async function hitsOf(reader: Reader, rows: readonly LogRow[]): Promise<LogHit[]> {
  const attributeIds = rows.flatMap((row) => row.attributes);
  const entries = await lookUpOrigins(reader, rows, attributeIds);
  return rows.map((row) => ({
    log: logJson(row, entries),
    timeUnixNano: BigInt(row.logTimeUnixNano),
    segment: Number(row.segment),
    ordinal: row.ordinal,
  }));
}

export async function logAt(
  reader: Reader,
  { timeUnixNano, segment, ordinal }: LogPosition,
  through: number,
): Promise<StreamLog | undefined> {
  const where = new Conditions(reader.run, through).add(
    'logTimeUnixNano = {time:UInt64} AND segment = {segment:UInt64} AND ordinal = {ordinal:UInt32}',
    { time: String(timeUnixNano), segment, ordinal },
  );
  const rows = await reader.records<LogRow & { readonly resourceBase64: string }>(
    `SELECT ${LOG_COLUMNS},
       (SELECT base64Encode(any(bytes)) FROM resources WHERE id = (SELECT any(resource) FROM logs WHERE ${where.sql}))
         AS resourceBase64
     FROM logs WHERE ${where.sql} LIMIT 1`,
    where.parameters,
  );
  const [row] = rows;
  const [hit] = await hitsOf(reader, rows);
  if (!row || !hit) return undefined;
  return {
    hit,
    stream: { service: serviceOf(row), resource: Buffer.from(row.resourceBase64, 'base64') },
  };
}

export async function logsBeside(
  reader: Reader,
  { service, resource }: LogStream,
  { timeUnixNano, segment, ordinal }: LogPosition,
  side: LogSide,
  { limit, asOf }: LogsBesidePage,
  through: number,
): Promise<LogHit[]> {
  const [beyond, order] = side === 'older' ? ['<', 'DESC'] : ['>', 'ASC'];
  const where = new Conditions(reader.run, through)
    .ofService(service)
    .arrivedBy(asOf)
    .add('resource = {resource:UInt64}', { resource: String(entryId(resource)) })
    .add(
      `logTimeUnixNano ${beyond}= {time:UInt64} AND (logTimeUnixNano, segment, ordinal)
         ${beyond} ({time:UInt64}, {segment:UInt64}, {ordinal:UInt32})`,
      { time: String(timeUnixNano), segment, ordinal },
    );
  // Of one service the table is in order of time: reading stops where enough was found.
  const rows = await reader.records<LogRow>(
    `SELECT ${LOG_COLUMNS} FROM logs WHERE ${where.sql}
     ORDER BY logTimeUnixNano ${order}, segment ${order}, ordinal ${order} LIMIT {limit:UInt32}
     SETTINGS optimize_read_in_order = 1`,
    { ...where.parameters, limit },
  );
  return hitsOf(reader, rows);
}
