import type { SeriesFilter, TimeRange } from '../../../../actors/ports/index.ts';
import type { FoundExemplarJson } from '../../../../proto/api/index.ts';
import { serviceJson } from '../../../../workers/json/index.ts';
import type { Reader } from '../reader.ts';
import { Conditions } from './conditions.ts';
import { lookUp, lookUpOrigins } from './entry-lookup.ts';
import { SERIES_KEY, withLabels } from './points.ts';
import { hexId, serviceOf, type ServiceRow } from './spans.ts';
import { numberValueJson, type StoredDouble } from './stored-number.ts';

interface ExemplarRow extends ServiceRow {
  readonly metric: string;
  readonly resource: string;
  readonly scope: string;
  readonly attributes: readonly string[];
  readonly time: string;
  readonly valueKind: number;
  readonly doubleValue: StoredDouble;
  readonly intValue: string;
  readonly traceIdHex: string;
  readonly spanIdHex: string;
  readonly filtered: readonly string[];
}

const EXEMPLAR = 'time, kind, double, int, trace, span, filtered';

export async function findExemplars(
  reader: Reader,
  filter: SeriesFilter,
  range: TimeRange,
  limit: number,
  through: number,
): Promise<FoundExemplarJson[]> {
  const where = new Conditions(reader.run, through)
    .add('metricName = {name:String}', { name: filter.name })
    .within('timeUnixNano', range)
    .ofService(filter.service)
    .add('notEmpty(exemplars.timeUnixNano)');
  withLabels(where, filter.labels);
  const rows = await reader.records<ExemplarRow>(
    `SELECT ${SERIES_KEY}, time, kind AS valueKind, double AS doubleValue, int AS intValue,
       lower(hex(trace)) AS traceIdHex, lower(hex(span)) AS spanIdHex, filtered
     FROM (
       SELECT ${SERIES_KEY}, ${EXEMPLAR} FROM (SELECT * FROM metric_points WHERE ${where.sql})
       ARRAY JOIN
         exemplars.timeUnixNano AS time, exemplars.valueKind AS kind, exemplars.doubleValue AS double,
         exemplars.intValue AS int, exemplars.traceId AS trace, exemplars.spanId AS span,
         exemplars.filteredAttributes AS filtered
     )
     GROUP BY ${SERIES_KEY}, ${EXEMPLAR} ORDER BY time DESC LIMIT {limit:UInt32}`,
    { ...where.parameters, limit },
  );
  const [entries, metrics] = await Promise.all([
    lookUpOrigins(
      reader,
      rows,
      rows.flatMap(({ attributes, filtered }) => [...attributes, ...filtered]),
    ),
    lookUp(
      reader,
      'metrics',
      rows.map(({ metric }) => metric),
    ),
  ]);
  return rows.map((row) => ({
    service: serviceJson(serviceOf(row)),
    resource: entries.resources.get(row.resource),
    scope: entries.scopes.get(row.scope),
    metric: metrics.get(row.metric),
    attributes: entries.attributes.all(row.attributes),
    timeUnixNano: row.time,
    value: numberValueJson(row.valueKind, row.doubleValue, row.intValue),
    traceId: hexId(row.traceIdHex),
    spanId: hexId(row.spanIdHex),
    filteredAttributes: entries.attributes.all(row.filtered),
  }));
}
