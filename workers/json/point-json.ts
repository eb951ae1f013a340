import type { ExemplarJson, MetricPointJson, NumberValueJson } from '../../proto/api/index.ts';
import {
  MetricKind,
  Presence,
  ValueKind,
  type Batch,
  type MetricColumns,
} from '../../proto/columns/index.ts';
import { dictionaryReader, type DictionaryReader } from '../columns/index.ts';
import { idHex, rowAttributesJson, rowItems, wordText } from './row-json.ts';
import { doubleJson, type DoubleJson } from './value-json.ts';

/** Row `row` of a batch of data points, without what it shares with its series. */
export function pointJson(batch: Batch<'metrics'>, row: number): MetricPointJson {
  const { columns } = batch;
  const dictionary = dictionaryReader(batch.dictionary);
  const shared = {
    startTimeUnixNano: wordText(columns.startTimeUnixNano, row),
    timeUnixNano: wordText(columns.timeUnixNano, row),
    flags: columns.flags[row] ?? 0,
    exemplars: exemplarsJson(columns, row, dictionary),
  };
  switch (columns.metricKind[row]) {
    case MetricKind.histogram:
      return {
        ...shared,
        ...distribution(columns, row),
        bucketCounts: counts(columns.bucketCounts, row),
        explicitBounds: [...dictionary.bounds(columns.explicitBounds[row] ?? 0)],
      };
    case MetricKind.exponentialHistogram:
      return {
        ...shared,
        ...distribution(columns, row),
        scale: columns.scale[row] ?? 0,
        zeroCount: wordText(columns.zeroCount, row),
        zeroThreshold: columns.zeroThreshold[row] ?? 0,
        positive: {
          offset: columns.positiveOffset[row] ?? 0,
          bucketCounts: counts(columns.positiveCounts, row),
        },
        negative: {
          offset: columns.negativeOffset[row] ?? 0,
          bucketCounts: counts(columns.negativeCounts, row),
        },
      };
    case MetricKind.summary:
      return {
        ...shared,
        count: wordText(columns.count, row),
        sum: doubleJson(columns.sum[row] ?? 0),
        quantiles: rowItems(columns.quantiles, row, (items, index) => ({
          quantile: items.quantile[index] ?? 0,
          value: doubleJson(items.value[index] ?? 0),
        })),
      };
    default:
      return { ...shared, value: numberValue(columns, row) };
  }
}

interface NumberColumns {
  readonly valueKind: Uint8Array;
  readonly doubleValue: Float64Array;
  readonly intValue: BigInt64Array;
}

function numberValue(columns: NumberColumns, row: number): NumberValueJson {
  switch (columns.valueKind[row]) {
    case ValueKind.double:
      return { asDouble: doubleJson(columns.doubleValue[row] ?? 0) };
    case ValueKind.int:
      return { asInt: wordText(columns.intValue, row) };
    default:
      return null;
  }
}

function distribution(
  columns: MetricColumns,
  row: number,
): { count: string; sum: DoubleJson | null; min: DoubleJson | null; max: DoubleJson | null } {
  const presence = columns.presence[row] ?? 0;
  const optional = (bit: number, column: Float64Array): DoubleJson | null =>
    (presence & bit) === 0 ? null : doubleJson(column[row] ?? 0);
  return {
    count: wordText(columns.count, row),
    sum: optional(Presence.sum, columns.sum),
    min: optional(Presence.min, columns.min),
    max: optional(Presence.max, columns.max),
  };
}

function counts(column: MetricColumns['bucketCounts'], row: number): string[] {
  return rowItems(column, row, wordText);
}

export function exemplarsJson(
  columns: MetricColumns,
  row: number,
  dictionary: DictionaryReader,
): ExemplarJson[] {
  return rowItems(columns.exemplars, row, (exemplars, index) => ({
    timeUnixNano: wordText(exemplars.timeUnixNano, index),
    value: numberValue(exemplars, index),
    traceId: idHex(exemplars.traceId, 16, index),
    spanId: idHex(exemplars.spanId, 8, index),
    filteredAttributes: rowAttributesJson(exemplars.filteredAttributes, index, dictionary),
  }));
}
