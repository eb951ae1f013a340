import type { Arrival, QueryRun, TimeRange } from '../../../../actors/ports/index.ts';
import type { ServiceKey } from '../../../../proto/columns/index.ts';
import type { SearchExpression, SearchSignal } from '../../../../proto/query/index.ts';
import { MS_PER_HOUR, MS_PER_SLOT } from '../../../../workers/hours/index.ts';
import { visibleSearch } from '../../../../workers/search/index.ts';
import { VISIBLE_MARK } from '../visible-mark.ts';
import { SearchSql } from './search-sql.ts';

const VISIBLE_PREFIX = 'visible';
/** Ranges with conditions of their own, which indexes can use. */
const RANGES_TOLD_APART = 64;

/** Of rows that had arrived by a moment. */
const ARRIVED =
  'segment < {asOfSegment:UInt64} OR segment = {asOfSegment:UInt64} AND ordinal <= {asOfOrdinal:UInt32}';

/** Conditions of a WHERE, beginning with what whoever asks may see, and the values they are bound to. No value ever stands in the text. */
export class Conditions {
  readonly parameters: Record<string, unknown> = {};
  private readonly parts: string[] = [];

  constructor(run: Pick<QueryRun, 'visible'>, through: number) {
    this.add('segment <= {through:UInt64}', { through });
    if (run.visible === 'all') return;
    const { sql, parameters } = new SearchSql(visibleSearch(run.visible), 'traces', VISIBLE_PREFIX);
    this.add(`${VISIBLE_MARK} ${sql}`, parameters);
  }

  get sql(): string {
    return this.parts.map((part) => `(${part})`).join(' AND ');
  }

  add(part: string, parameters: Readonly<Record<string, unknown>> = {}): this {
    this.parts.push(part);
    Object.assign(this.parameters, parameters);
    return this;
  }

  /** What had arrived by then. */
  arrivedBy(asOf: Arrival | undefined): this {
    if (!asOf) return this;
    return this.add(ARRIVED, { asOfSegment: asOf.segment, asOfOrdinal: asOf.ordinal });
  }

  within(column: string, { fromUnixNano, toUnixNano }: TimeRange): this {
    return this.add(`${column} >= {from:UInt64} AND ${column} < {to:UInt64}`, {
      from: withinUint64(fromUnixNano),
      to: withinUint64(toUnixNano),
    });
  }

  /** Within one of several ranges in order; where they are many, between the first and the last but in none of these hours and slots. */
  withinAny(
    column: string,
    ranges: readonly TimeRange[],
    { hours, slots }: { readonly hours: readonly number[]; readonly slots: readonly number[] },
  ): this {
    const [first, last] = [ranges[0], ranges.at(-1)];
    if (!first || !last) return this.add('false');
    this.within(column, { fromUnixNano: first.fromUnixNano, toUnixNano: last.toUnixNano });
    if (ranges.length === 1) return this;
    if (ranges.length > RANGES_TOLD_APART) {
      this.add(
        `${periodOfNanos(column, MS_PER_HOUR)} NOT IN (SELECT arrayJoin({withoutHours:Array(UInt32)}))`,
        {
          withoutHours: hours,
        },
      );
      if (slots.length === 0) return this;
      return this.add(
        `${periodOfNanos(column, MS_PER_SLOT)} NOT IN (SELECT arrayJoin({withoutSlots:Array(UInt32)}))`,
        { withoutSlots: slots },
      );
    }
    const parts = ranges.map((_, at) => `${column} >= {from${at}:UInt64} AND ${column} < {to${at}:UInt64}`);
    const bounds = ranges.flatMap(({ fromUnixNano, toUnixNano }, at): [string, string][] => [
      [`from${at}`, withinUint64(fromUnixNano)],
      [`to${at}`, withinUint64(toUnixNano)],
    ]);
    return this.add(parts.map((part) => `(${part})`).join(' OR '), Object.fromEntries<string>(bounds));
  }

  ofService(service: ServiceKey | undefined): this {
    if (!service) return this;
    const { name, namespace, environment } = service;
    return this.add(
      'serviceName = {service:String} AND serviceNamespace = {namespace:String}' +
        ' AND serviceEnvironment = {environment:String}',
      { service: name, namespace, environment },
    );
  }

  /** Rows of `spans` or `logs` that a search means. The statement has to end with `SEARCH_SETTINGS`. */
  meant(search: SearchExpression, signal: SearchSignal): this {
    const { sql, parameters } = new SearchSql(search, signal);
    return this.add(sql, parameters);
  }
}

const MOST_UINT64 = 2n ** 64n - 1n;

/** Cut off and not wrapped round: nothing lies beyond. */
function withinUint64(nanos: bigint): string {
  if (nanos < 0n) return '0';
  return String(nanos > MOST_UINT64 ? MOST_UINT64 : nanos);
}

/** See `hourOf`. */
const periodOfNanos = (column: string, periodMs: number): string =>
  `toUInt32(intDiv(greatest(toInt64(intDiv(${column}, 1000000)), 1) - 1, ${periodMs}))`;

const NO_PARENT = "parentSpanId = toFixedString('', 8)";
/** A server or consumer span, or one without a parent. */
export const IS_REQUEST = `kind IN (2, 5) OR ${NO_PARENT}`;
export const STATUS_ERROR = 2;
/** See `DURATION_GAMMA`. */
export const DURATION_BUCKET = `if(
  durationNano <= 1,
  0,
  least({lastBucket:UInt32}, toUInt32(ceil(log(durationNano) / log({gamma:Float64}))))
)`;
