import type { Arrival, TimeRange } from '../../../../actors/ports/index.ts';
import type { ServiceKey } from '../../../../proto/columns/index.ts';

/** Conditions of a WHERE, and the values they are bound to. No value ever stands in the text. */
export class Conditions {
  readonly parameters: Record<string, unknown> = {};
  private readonly parts: string[] = [];

  constructor(through: number) {
    this.add('segment <= {through:UInt64}', { through });
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
    return this.add(
      'segment < {asOfSegment:UInt64} OR segment = {asOfSegment:UInt64} AND ordinal <= {asOfOrdinal:UInt32}',
      { asOfSegment: asOf.segment, asOfOrdinal: asOf.ordinal },
    );
  }

  within(column: string, { fromUnixNano, toUnixNano }: TimeRange): this {
    return this.add(`${column} >= {from:UInt64} AND ${column} < {to:UInt64}`, {
      from: String(BigInt.asUintN(64, fromUnixNano < 0n ? 0n : fromUnixNano)),
      to: String(toUnixNano < 0n ? 0n : BigInt.asUintN(64, toUnixNano)),
    });
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

  /** Part of any of the columns' text, or of the text form of an attribute of the item. */
  containing(text: string | undefined, columns: readonly string[]): this {
    if (text === undefined || text === '') return this;
    const inColumns = columns.map((column) => `positionCaseInsensitiveUTF8(${column}, {text:String}) > 0`);
    const inAttributes = `arrayExists(id -> id IN (
      SELECT id FROM attributes WHERE positionCaseInsensitiveUTF8(value, {text:String}) > 0
    ), attributes)`;
    return this.add([...inColumns, inAttributes].join(' OR '), { text });
  }
}

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
