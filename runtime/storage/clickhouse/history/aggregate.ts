import {
  MOST_GROUPS,
  type AggregatePartial,
  type AggregateQuery,
  type GroupKey,
  type PairCounts,
} from '../../../../proto/query/index.ts';
import { HISTOGRAM_SHIFT, REGISTER_BITS } from '../../../../workers/aggregate/index.ts';
import { BORDER_SLACK, INVERSE_LOG_GAMMA } from '../../../../workers/red/index.ts';
import type { Reader } from '../reader.ts';
import { Conditions } from './conditions.ts';
import { FieldSql } from './field-sql.ts';
import { SEARCH_SETTINGS } from './search-sql.ts';
import { storedDouble, type StoredDouble } from './stored-number.ts';

type Pairs = readonly [keys: readonly (number | string)[], counts: readonly (number | string)[]];

const RANK_BITS = 32 - REGISTER_BITS;

/** `workers/aggregate/aggregate-rows.ts` in SQL. */
export async function aggregate(
  reader: Reader,
  query: AggregateQuery,
  through: number,
): Promise<AggregatePartial> {
  const { signal, search, range, groupBy, numbers, distincts, bucketNano, only, asOf } = query;
  const isTraces = signal === 'traces';
  const time = isTraces ? 'startTimeUnixNano' : 'logTimeUnixNano';
  const where = new Conditions(reader.run, through).within(time, range).meant(search, signal).arrivedBy(asOf);
  const fields = new FieldSql(signal);
  const columns = [
    ...groupBy.map((field, index) => `${fields.text(field)} AS k${index}`),
    ...numbers.map((field, index) => `${fields.number(field)} AS n${index}`),
    ...distincts.map((field, index) => `${fields.hashed(field)} AS d${index}`),
    bucketNano === undefined ? '0 AS bucket' : `intDiv(${time} - {from:UInt64}, {width:UInt64}) AS bucket`,
  ];
  const keys = groupBy.map((_, index) => `k${index}`);
  const figures = [
    'count() AS found',
    ...numbers.map((_, index) => numberFigures(`n${index}`)),
    ...distincts.map((_, index) => distinctFigures(`d${index}`)),
  ];
  const rows = await reader.rows(
    `${fields.withs.length > 0 ? `WITH ${fields.withs.join(', ')}` : ''}
     SELECT ${keys.length > 0 ? `[${keys.join(', ')}]` : NO_KEYS} AS key, bucket, ${figures.join(', ')}
     FROM (SELECT ${columns.join(', ')} FROM ${isTraces ? 'spans' : 'logs'} WHERE ${where.sql})
     ${only && keys.length > 0 ? `WHERE ${keyText(keys)} IN (SELECT arrayJoin({only:Array(String)}))` : ''}
     GROUP BY ${[...keys, 'bucket'].join(', ')}
     ORDER BY found DESC LIMIT {mostCells:UInt32} ${SEARCH_SETTINGS}`,
    {
      ...where.parameters,
      ...fields.parameters,
      width: String(bucketNano ?? 0n),
      only: only?.map(keyOf) ?? [],
      mostCells: only ? MOST_CELLS : MOST_GROUPS,
      inverseLogGamma: INVERSE_LOG_GAMMA,
    },
  );
  return partialOf(rows, numbers.length, distincts.length);
}

const MOST_CELLS = 1_000_000;
const NO_KEYS = "CAST([], 'Array(Nullable(String))')";

function numberFigures(n: string): string {
  const bucket = `if(${n} = 0, 0, toInt32((ceil(log(abs(${n})) * {inverseLogGamma:Float64} - ${BORDER_SLACK})
    + ${HISTOGRAM_SHIFT}) * if(${n} > 0, 1, -1)))`;
  return `count(${n}), sum(${n}), min(${n}), max(${n}), ${mapOf('sumMap', n, `assumeNotNull(${bucket})`, 'toUInt64(1)')}`;
}

function distinctFigures(d: string): string {
  const low = `bitAnd(assumeNotNull(${d}), ${2 ** RANK_BITS - 1})`;
  const rank = `if(${low} = 0, ${RANK_BITS + 1}, ${RANK_BITS} - toUInt32(floor(log2(${low} + 0.5))))`;
  return mapOf('maxMap', d, `bitShiftRight(assumeNotNull(${d}), ${RANK_BITS})`, `toUInt64(${rank})`);
}

function mapOf(combine: 'sumMap' | 'maxMap', value: string, key: string, count: string): string {
  const list = (item: string): string => `if(isNull(${value}), [], [${item}])`;
  return `${combine}(${list(`toInt32(${key})`)}, ${list(count)})`;
}

/** A text for each key; the same as `keyOf` makes. */
function keyText(keys: readonly string[]): string {
  const parts = keys.map(
    (key) => `if(isNull(${key}), '-', concat('+', toString(length(${key})), ':', ${key}))`,
  );
  return `ifNull(concat(${parts.join(', ')}, ''), '')`;
}

function keyOf(key: GroupKey): string {
  return key.map((text) => (text === null ? '-' : `+${Buffer.byteLength(text)}:${text}`)).join('');
}

type Row = readonly unknown[];

function partialOf(rows: readonly Row[], numberCount: number, distinctCount: number): AggregatePartial {
  const groups: GroupKey[] = [];
  const places = new Map<string, number>();
  const groupOf = (key: GroupKey): number => {
    const name = JSON.stringify(key);
    const place = places.get(name) ?? groups.push(key) - 1;
    places.set(name, place);
    return place;
  };
  const cellGroups = Int32Array.from(rows, ([key]) => groupOf(key as GroupKey));
  return {
    groups,
    cellGroups,
    cellBuckets: Int32Array.from(rows, ([, bucket]) => Number(bucket)),
    counts: Float64Array.from(rows, ([, , found]) => Number(found)),
    numbers: Array.from({ length: numberCount }, (_, index) => {
      const at = 3 + 5 * index;
      const column = (offset: number, none: number): Float64Array =>
        Float64Array.from(rows, (row) => {
          const value = row[at + offset] as StoredDouble | null;
          return value === null ? none : storedDouble(value);
        });
      return {
        counts: Float64Array.from(rows, (row) => Number(row[at])),
        sums: column(1, 0),
        mins: column(2, Infinity),
        maxs: column(3, -Infinity),
        histogram: pairsOf(rows, at + 4),
      };
    }),
    distincts: Array.from({ length: distinctCount }, (_, index) =>
      pairsOf(rows, 3 + 5 * numberCount + index),
    ),
    ungrouped: 0,
  };
}

function pairsOf(rows: readonly Row[], at: number): PairCounts {
  const cells: number[] = [];
  const keys: number[] = [];
  const counts: number[] = [];
  for (const [cell, row] of rows.entries()) {
    const [found, times] = row[at] as Pairs;
    for (const [index, key] of found.entries()) {
      cells.push(cell);
      keys.push(Number(key));
      counts.push(Number(times[index]));
    }
  }
  return { cells: Int32Array.from(cells), keys: Int32Array.from(keys), counts: Float64Array.from(counts) };
}
