import {
  FACET_FIELDS,
  type FieldCounts,
  type ValueCountsPartial,
  type ValueCountsQuery,
} from '../../../../proto/query/index.ts';
import { facetField, OWN_OF_SCOPES } from '../../../../workers/aggregate/index.ts';
import type { Reader } from '../reader.ts';
import { Conditions } from './conditions.ts';
import { FieldSql } from './field-sql.ts';
import { SEARCH_SETTINGS, SearchSql } from './search-sql.ts';

type Row = readonly [field: string, value: string, isCut: number, ...counts: string[]];

/** `workers/aggregate/count-values.ts` in SQL. */
export async function countValues(
  reader: Reader,
  query: ValueCountsQuery,
  through: number,
): Promise<ValueCountsPartial> {
  const { signal, selections, mostValues, asOf } = query;
  const time = signal === 'traces' ? 'startTimeUnixNano' : 'logTimeUnixNano';
  const width = selections.length;
  const where = new Conditions(reader.run, through).arrivedBy(asOf);
  const parameters: Record<string, unknown> = { ...where.parameters, mostValues };
  const meant = selections.map(({ search, range }, index) => {
    const { sql, parameters: bound } = new SearchSql(search, signal, `q${index}_`);
    Object.assign(parameters, bound, {
      [`from${index}`]: String(range.fromUnixNano),
      [`to${index}`]: String(range.toUnixNano),
    });
    return `(${time} >= {from${index}:UInt64} AND ${time} < {to${index}:UInt64}) AND (${sql})`;
  });
  const fields = new FieldSql(signal);
  const texts = FACET_FIELDS[signal].map(
    (name) => `('${name}', ifNull(${fields.text(facetField(name))}, ''))`,
  );
  Object.assign(parameters, fields.parameters);
  const each = (expression: (index: number) => string): string =>
    selections.map((_, index) => expression(index)).join(', ');
  const items = `(
    SELECT *, ${each((index) => `toUInt8(${meant[index] ?? '0'}) AS s${index}`)}
    FROM ${signal === 'traces' ? 'spans' : 'logs'}
    WHERE ${where.sql} AND (${meant.map((condition) => `(${condition})`).join(' OR ')})
  )`;
  const sums = each((index) => `sum(s${index}) AS c${index}`);
  const again = each((index) => `sum(c${index}) AS c${index}`);
  const counts = each((index) => `c${index}`);
  // The table of all attributes is walked through, and what was counted held in memory: the other way round it would be all
  // attributes there ever were. An entry may be there twice until it is merged.
  const named = (counted: string): string => `
    SELECT any(key) AS field, any(value) AS value, ${each((index) => `any(c${index}) AS c${index}`)}
    FROM attributes AS entries INNER JOIN (${counted}) AS counted ON entries.id = counted.item
    GROUP BY entries.id`;
  const withs = fields.withs.length > 0 ? `WITH ${fields.withs.join(', ')}` : '';
  const [totals, ...found] = await Promise.all([
    reader.rows(`SELECT ${sums} FROM ${items} ${SEARCH_SETTINGS}`, parameters),
    mostFrequent(
      `SELECT pair.1 AS field, pair.2 AS value, ${sums}
       FROM (${withs} SELECT arrayJoin([${texts.join(', ')}]) AS pair, ${each((index) => `s${index}`)} FROM ${items})
       WHERE value != '' GROUP BY field, value`,
    ),
    mostFrequent(
      `SELECT field, value, ${again}
       FROM (${named(`SELECT item, ${sums} FROM ${items} ARRAY JOIN attributes AS item GROUP BY item`)})
       GROUP BY field, value`,
    ),
    mostFrequent(
      `SELECT concat('resource.', field) AS field, value, ${again}
       FROM (${named(`
         SELECT item, ${again} FROM (SELECT resource, ${sums} FROM ${items} GROUP BY resource) AS ofResource
         INNER JOIN (SELECT id AS resource, any(attributes) AS ids FROM resources GROUP BY id) AS origins
         ON ofResource.resource = origins.resource ARRAY JOIN ids AS item GROUP BY item`)})
       GROUP BY field, value`,
    ),
    mostFrequent(
      `SELECT concat('scope.', field) AS field, value, ${again}
       FROM (SELECT * FROM (${named(`
         SELECT item, ${again} FROM (SELECT scope, ${sums} FROM ${items} GROUP BY scope) AS ofScope
         INNER JOIN (SELECT id AS scope, any(attributes) AS ids FROM scopes GROUP BY id) AS origins
         ON ofScope.scope = origins.scope ARRAY JOIN ids AS item GROUP BY item`)})
         WHERE field NOT IN (${OWN_OF_SCOPES.map((key) => `'${key}'`).join(', ')}))
       GROUP BY field, value`,
    ),
    ...(signal === 'traces'
      ? [
          mostFrequent(
            `SELECT concat('event.', field) AS field, value, ${again}
             FROM (${named(
               `SELECT item, ${sums} FROM ${items} ARRAY JOIN arrayDistinct(arrayFlatten(events.attributes)) AS item
                GROUP BY item`,
             )})
             GROUP BY field, value`,
          ),
        ]
      : []),
  ]);

  async function mostFrequent(select: string): Promise<FieldCounts[]> {
    const all = selections.map((_, index) => `c${index}`).join(' + ');
    const rows = (await reader.rows(
      `SELECT field, value, count() OVER (PARTITION BY field) > {mostValues:UInt32}, ${counts},
         ${each((index) => `sum(c${index}) OVER (PARTITION BY field)`)}
       FROM (${select}) WHERE ${all} > 0
       ORDER BY ${all} DESC, value LIMIT {mostValues:UInt32} BY field ${SEARCH_SETTINGS}`,
      parameters,
    )) as unknown as Row[];
    return byField(rows, width);
  }

  return {
    totals: Array.from({ length: width }, (_, index) => Number(totals[0]?.[index] ?? 0)),
    fields: found.flat(),
  };
}

function byField(rows: readonly Row[], width: number): FieldCounts[] {
  const fields = new Map<
    string,
    { present: number[]; values: FieldCounts['values'][number][]; isCut: boolean }
  >();
  for (const [field, value, isCut, ...figures] of rows) {
    const counts = figures.map(Number);
    let known = fields.get(field);
    if (!known) {
      known = { present: counts.slice(width), values: [], isCut: Boolean(isCut) };
      fields.set(field, known);
    }
    known.values.push({ value, counts: counts.slice(0, width) });
  }
  return [...fields].map(([field, counted]) => ({ field, ...counted }));
}
