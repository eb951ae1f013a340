import type { TimeSlices } from '../../../../actors/ports/index.ts';
import type { ServiceKey } from '../../../../proto/columns/index.ts';
import type { Parameters, Reader } from '../reader.ts';
import { RED_PARAMETERS, type RedTable, type RollupFamily } from '../rollups.ts';
import { Conditions, DURATION_BUCKET, IS_REQUEST } from './conditions.ts';
import type { RedPiece } from './red-pieces.ts';

/** Spans of one duration bucket that are requests, or spans that are none (bucket 0). */
export interface SpanCount {
  readonly isRequest: number;
  readonly bucket: number;
  readonly found: string;
  readonly errors: string;
}

interface Counted {
  readonly pieces: readonly RedPiece[];
  readonly through: number;
  readonly service?: ServiceKey | undefined;
  /** Counted apart, as the column `slice`. */
  readonly slices?: TimeSlices | undefined;
}

/** Counts spans by these columns, exactly: what is whole in the pieces from rollups. */
export async function countSpansBy<Key>(
  reader: Reader,
  family: RollupFamily,
  columns: string,
  counted: Counted,
): Promise<(Key & SpanCount)[]> {
  const pieces = await Promise.all(
    counted.pieces.map((piece) =>
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
  { through, service, slices }: Counted,
  range: Extract<RedPiece, { readonly level: 'rows' }>,
): Statement {
  const where = new Conditions(reader.run, through).within('startTimeUnixNano', range).ofService(service);
  const slice = sliceColumn('startTimeUnixNano', slices);
  return {
    sql: `SELECT ${columns}${slice.sql}, ${IS_REQUEST} AS isRequest, if(isRequest, ${DURATION_BUCKET}, 0) AS bucket,
        count() AS found, countIf(statusCode = {error:UInt8}) AS errors
      FROM spans WHERE ${where.sql} GROUP BY ${columns}${slice.name}, isRequest, bucket`,
    parameters: { ...where.parameters, ...slice.parameters, ...RED_PARAMETERS },
  };
}

/** Errors stand with the first bucket of a row: they are of all its requests together. */
function fromRollup(
  reader: Reader,
  table: RedTable,
  columns: string,
  { through, service, slices }: Counted,
  { fromSecond, toSecond }: Exclude<RedPiece, { readonly level: 'rows' }>,
): Statement {
  const where = new Conditions(reader.run, through)
    .add('second >= {fromSecond:UInt64} AND second < {toSecond:UInt64}', {
      fromSecond: String(fromSecond),
      toSecond: String(toSecond),
    })
    .ofService(service);
  const slice = sliceColumn('second * 1000000000', slices);
  return {
    sql: `SELECT ${columns}${slice.name}, counted.1 AS isRequest, counted.2 AS bucket, sum(counted.3) AS found, sum(counted.4) AS errors
      FROM (
        SELECT ${columns}${slice.sql}, arrayJoin(arrayConcat(
          [(toUInt8(0), toUInt32(0), toUInt64(spans - requests), toUInt64(0))],
          arrayMap((b, c, i) -> (toUInt8(1), b, c, if(i = 1, errors, toUInt64(0))), buckets, counts, arrayEnumerate(buckets))
        )) AS counted
        FROM ${table} WHERE ${where.sql}
      )
      GROUP BY ${columns}${slice.name}, isRequest, bucket HAVING found > 0`,
    parameters: { ...where.parameters, ...slice.parameters },
  };
}

/** To stand after other columns; nothing where there are no slices. */
function sliceColumn(
  nanos: string,
  slices: TimeSlices | undefined,
): Statement & { readonly name: '' | ', slice' } {
  if (!slices) return { name: '', sql: '', parameters: {} };
  return {
    name: ', slice',
    sql: `, intDiv(${nanos} - {sliceFrom:UInt64}, {sliceWidth:UInt64}) AS slice`,
    parameters: { sliceFrom: String(slices.fromUnixNano), sliceWidth: String(slices.widthNano) },
  };
}
