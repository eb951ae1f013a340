import { MetricKind } from '../../proto/columns/index.ts';
import type { WireReader } from '../wire/index.ts';
import { readAttribute, readText, type Attribute } from './any-value.ts';

export interface EntityRef {
  readonly schemaUrl: string;
  readonly type: string;
  readonly idKeys: readonly string[];
  readonly descriptionKeys: readonly string[];
}

/** Who sent an item. `schemaUrl` stands beside the resource in OTLP and is kept with it here. */
export interface Resource {
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
  readonly entityRefs: readonly EntityRef[];
  readonly schemaUrl: string;
}

/** The instrumentation library. `schemaUrl` as with `Resource`. */
export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
  readonly schemaUrl: string;
}

export type MetricKindName = keyof typeof MetricKind;

/** A metric without its points. `temporality` and `isMonotonic` are 0 and false for kinds that have none. */
export interface Metric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly kind: MetricKindName;
  /** `AggregationTemporality` of OTLP: 0 unspecified, 1 delta, 2 cumulative. */
  readonly temporality: number;
  readonly isMonotonic: boolean;
  readonly metadata: readonly Attribute[];
}

const KIND_NAMES = new Map<number, MetricKindName>(
  Object.entries(MetricKind).map(([name, field]) => [field, name as MetricKindName]),
);

/** An entry of `resources`. */
export function readResourceEntry(reader: WireReader, end: number): Resource {
  const attributes: Attribute[] = [];
  const entityRefs: EntityRef[] = [];
  let droppedAttributesCount = 0;
  let schemaUrl = '';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 26) {
      schemaUrl = readText(reader, end);
      continue;
    }
    if (tag !== 10) {
      reader.skip(tag, end);
      continue;
    }
    const stop = reader.delimit(end);
    while (reader.pos < stop) {
      const inner = reader.tag(stop);
      if (inner === 10) attributes.push(readAttribute(reader, reader.delimit(stop)));
      else if (inner === 16) droppedAttributesCount = reader.varint32(stop);
      else if (inner === 26) entityRefs.push(readEntityRef(reader, reader.delimit(stop)));
      else reader.skip(inner, stop);
    }
  }
  return { attributes, droppedAttributesCount, entityRefs, schemaUrl };
}

function readEntityRef(reader: WireReader, end: number): EntityRef {
  const idKeys: string[] = [];
  const descriptionKeys: string[] = [];
  let schemaUrl = '';
  let type = '';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) schemaUrl = readText(reader, end);
    else if (tag === 18) type = readText(reader, end);
    else if (tag === 26) idKeys.push(readText(reader, end));
    else if (tag === 34) descriptionKeys.push(readText(reader, end));
    else reader.skip(tag, end);
  }
  return { schemaUrl, type, idKeys, descriptionKeys };
}

/** An entry of `scopes`. */
export function readScopeEntry(reader: WireReader, end: number): Scope {
  const attributes: Attribute[] = [];
  let name = '';
  let version = '';
  let droppedAttributesCount = 0;
  let schemaUrl = '';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 26) {
      schemaUrl = readText(reader, end);
      continue;
    }
    if (tag !== 10) {
      reader.skip(tag, end);
      continue;
    }
    const stop = reader.delimit(end);
    while (reader.pos < stop) {
      const inner = reader.tag(stop);
      if (inner === 10) name = readText(reader, stop);
      else if (inner === 18) version = readText(reader, stop);
      else if (inner === 26) attributes.push(readAttribute(reader, reader.delimit(stop)));
      else if (inner === 32) droppedAttributesCount = reader.varint32(stop);
      else reader.skip(inner, stop);
    }
  }
  return { name, version, attributes, droppedAttributesCount, schemaUrl };
}

/** An entry of `metrics`. */
export function readMetricEntry(reader: WireReader, end: number): Metric {
  const metadata: Attribute[] = [];
  let name = '';
  let description = '';
  let unit = '';
  let kind: MetricKindName = 'gauge';
  let data = { temporality: 0, isMonotonic: false };
  while (reader.pos < end) {
    const tag = reader.tag(end);
    const dataKind = (tag & 7) === 2 ? KIND_NAMES.get(tag >>> 3) : undefined;
    if (dataKind !== undefined) {
      kind = dataKind;
      data = readData(reader, reader.delimit(end), dataKind, data);
    } else if (tag === 10) name = readText(reader, end);
    else if (tag === 18) description = readText(reader, end);
    else if (tag === 26) unit = readText(reader, end);
    else if (tag === 98) metadata.push(readAttribute(reader, reader.delimit(end)));
    else reader.skip(tag, end);
  }
  return { name, description, unit, kind, ...data, metadata };
}

/** Only sums know both fields, gauges and summaries neither: there, they are unknown fields. */
function readData(
  reader: WireReader,
  end: number,
  kind: MetricKindName,
  earlier: { temporality: number; isMonotonic: boolean },
): { temporality: number; isMonotonic: boolean } {
  let { temporality, isMonotonic } = earlier;
  const hasTemporality = kind !== 'gauge' && kind !== 'summary';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 16 && hasTemporality) temporality = reader.varint32(end) | 0;
    else if (tag === 24 && kind === 'sum') isMonotonic = reader.varint32(end) !== 0;
    else reader.skip(tag, end);
  }
  return { temporality, isMonotonic };
}
