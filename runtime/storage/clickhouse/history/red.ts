import type { TimeRange } from '../../../../actors/ports/index.ts';
import type { ServiceKey } from '../../../../proto/columns/index.ts';
import type { Parameters, Reader } from '../reader.ts';
import { RED_PARAMETERS, type RedTable, type RollupFamily } from '../rollups.ts';
import { Conditions, DURATION_BUCKET, IS_REQUEST } from './conditions.ts';
import { redPieces, type RedPiece } from './red-pieces.ts';

/** Spans of one duration bucket that are requests, or spans that are none (bucket 0). */
export interface SpanCount {
  readonly isRequest: number;
  readonly bucket: number;
  readonly found: string;
  readonly errors: string;
}

interface Counted {
  readonly range: TimeRange;
  readonly through: number;
  readonly service?: ServiceKey | undefined;
}

/** Counts spans by these columns, exactly, from rollups wherever those lie whole in the range. */
export async function countSpansBy<Key>(
  reader: Reader,
  family: RollupFamily,
  columns: string,
  counted: Counted,
): Promise<(Key & SpanCount)[]> {
  const pieces = await Promise.all(
    redPieces(counted.range, family).map((piece) =>
      reader.run.timed(piece.level === 'rows' ? 'cold rows' : `cold rollup ${piece.level}`, () => {
        const { sql, parameters } =
          piece.level === 'rows'
            ? fromSpans(reader, columns, counted, piece)
            : fromRollup(reader, `${family}_${piece.level}` as RedTable, columns, counted, piece);
        return reader.records<Key & SpanCount>(sql, parameters);
      }),
    ),
  );
  return pieces.flat();
}

interface Statement {
  readonly sql: string;
  readonly parameters: Parameters;
}

function fromSpans(
  reader: Reader,
  columns: string,
  { through, service }: Counted,
  range: Extract<RedPiece, { readonly level: 'rows' }>,
): Statement {
  const where = new Conditions(reader.run, through).within('startTimeUnixNano', range).ofService(service);
  return {
    sql: `SELECT ${columns}, ${IS_REQUEST} AS isRequest, if(isRequest, ${DURATION_BUCKET}, 0) AS bucket,
        count() AS found, countIf(statusCode = {error:UInt8}) AS errors
      FROM spans WHERE ${where.sql} GROUP BY ${columns}, isRequest, bucket`,
    parameters: { ...where.parameters, ...RED_PARAMETERS },
  };
}

/** Errors stand with the first bucket of a row: they are of all its requests together. */
function fromRollup(
  reader: Reader,
  table: RedTable,
  columns: string,
  { through, service }: Counted,
  { fromSecond, toSecond }: Exclude<RedPiece, { readonly level: 'rows' }>,
): Statement {
  const where = new Conditions(reader.run, through)
    .add('second >= {fromSecond:UInt64} AND second < {toSecond:UInt64}', {
      fromSecond: String(fromSecond),
      toSecond: String(toSecond),
    })
    .ofService(service);
  return {
    sql: `SELECT ${columns}, counted.1 AS isRequest, counted.2 AS bucket, sum(counted.3) AS found, sum(counted.4) AS errors
      FROM (
        SELECT ${columns}, arrayJoin(arrayConcat(
          [(toUInt8(0), toUInt32(0), toUInt64(spans - requests), toUInt64(0))],
          arrayMap((b, c, i) -> (toUInt8(1), b, c, if(i = 1, errors, toUInt64(0))), buckets, counts, arrayEnumerate(buckets))
        )) AS counted
        FROM ${table} WHERE ${where.sql}
      )
      GROUP BY ${columns}, isRequest, bucket HAVING found > 0`,
    parameters: where.parameters,
  };
}
