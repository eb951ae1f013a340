import {
  MetricKind,
  Presence,
  ValueKind,
  type Batch,
  type ListColumn,
  type MetricColumns,
} from '../../proto/columns/index.ts';
import { attributesAt, bigintAt, idAt, listAt, numberAt } from './column-access.ts';
import type { MetricKindName } from './dictionary-entries.ts';
import { dictionaryReader, type DictionaryReader } from './dictionary-reader.ts';
import { checkRow } from './materialise.ts';
import type { OtlpBuckets, OtlpExemplar, OtlpPoint } from './otlp-objects.ts';

const KINDS = new Map<number, MetricKindName>(
  Object.entries(MetricKind).map(([name, field]) => [field, name as MetricKindName]),
);

/** See `spanAt`. The metric itself is `dictionaryReader(batch.dictionary).metric(batch.columns.metric[row])`. */
export function metricPointAt(batch: Batch<'metrics'>, row: number): OtlpPoint {
  checkRow(batch, row);
  const { columns } = batch;
  const dictionary = dictionaryReader(batch.dictionary);
  const fields = {
    attributes: attributesAt(columns.attributes, row, dictionary),
    startTimeUnixNano: bigintAt(columns.startTimeUnixNano, row),
    timeUnixNano: bigintAt(columns.timeUnixNano, row),
    flags: numberAt(columns.flags, row),
  };
  const kind = KINDS.get(numberAt(columns.metricKind, row));
  switch (kind) {
    case 'gauge':
    case 'sum':
      return { kind, ...fields, ...valueAt(columns, row), exemplars: exemplarsAt(columns, row, dictionary) };
    case 'histogram':
      return {
        kind,
        ...fields,
        ...statisticsAt(columns, row),
        bucketCounts: countsAt(columns.bucketCounts, row),
        explicitBounds: [...dictionary.bounds(numberAt(columns.explicitBounds, row))],
        exemplars: exemplarsAt(columns, row, dictionary),
      };
    case 'exponentialHistogram':
      return {
        kind,
        ...fields,
        ...statisticsAt(columns, row),
        scale: numberAt(columns.scale, row),
        zeroCount: bigintAt(columns.zeroCount, row),
        zeroThreshold: numberAt(columns.zeroThreshold, row),
        positive: bucketsAt(columns.positiveOffset, columns.positiveCounts, row),
        negative: bucketsAt(columns.negativeOffset, columns.negativeCounts, row),
        exemplars: exemplarsAt(columns, row, dictionary),
      };
    case 'summary':
      return {
        kind,
        ...fields,
        count: bigintAt(columns.count, row),
        sum: numberAt(columns.sum, row),
        quantileValues: listAt(columns.quantiles, row, ({ quantile, value }, index) => ({
          quantile: numberAt(quantile, index),
          value: numberAt(value, index),
        })),
      };
    case undefined:
      throw new RangeError(
        `Row ${row} has the metric kind ${numberAt(columns.metricKind, row)}, which is none`,
      );
  }
}

interface ValueColumns {
  readonly valueKind: Uint8Array;
  readonly doubleValue: Float64Array;
  readonly intValue: BigInt64Array;
}

function valueAt(columns: ValueColumns, row: number): { asDouble?: number; asInt?: bigint } {
  const kind = numberAt(columns.valueKind, row);
  if (kind === ValueKind.double) return { asDouble: numberAt(columns.doubleValue, row) };
  return kind === ValueKind.int ? { asInt: bigintAt(columns.intValue, row) } : {};
}

function statisticsAt(
  columns: MetricColumns,
  row: number,
): { count: bigint; sum?: number; min?: number; max?: number } {
  const presence = numberAt(columns.presence, row);
  return {
    count: bigintAt(columns.count, row),
    ...(presence & Presence.sum ? { sum: numberAt(columns.sum, row) } : {}),
    ...(presence & Presence.min ? { min: numberAt(columns.min, row) } : {}),
    ...(presence & Presence.max ? { max: numberAt(columns.max, row) } : {}),
  };
}

function countsAt(column: ListColumn<BigUint64Array>, row: number): bigint[] {
  return listAt(column, row, bigintAt);
}

function bucketsAt(offset: Int32Array, counts: ListColumn<BigUint64Array>, row: number): OtlpBuckets {
  return { offset: numberAt(offset, row), bucketCounts: countsAt(counts, row) };
}

function exemplarsAt(columns: MetricColumns, row: number, dictionary: DictionaryReader): OtlpExemplar[] {
  return listAt(columns.exemplars, row, (exemplars, index) => ({
    filteredAttributes: attributesAt(exemplars.filteredAttributes, index, dictionary),
    timeUnixNano: bigintAt(exemplars.timeUnixNano, index),
    ...valueAt(exemplars, index),
    spanId: idAt(exemplars.spanId, 8, index),
    traceId: idAt(exemplars.traceId, 16, index),
  }));
}
