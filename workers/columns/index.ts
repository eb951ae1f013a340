export { isAllZeros } from './all-zeros.ts';
export { BatchBuilder, type BuildersOf } from './batch-builder.ts';
export type { ListBuilder, WordBuilder } from './column-builders.ts';
export { DictionaryGeneration } from './dictionary-generation.ts';
export { joinBatches } from './join-batches.ts';
export { InterningTable, type ByteSource } from './interning-table.ts';
export { SharedDictionary } from './shared-dictionary.ts';
export { readAnyValue, readAttribute, type AnyValue, type Attribute } from './any-value.ts';
export {
  readMetricEntry,
  readResourceEntry,
  readScopeEntry,
  type Metric,
  type Resource,
  type Scope,
} from './dictionary-entries.ts';
export { dictionaryReader, type DictionaryReader } from './dictionary-reader.ts';
export { logAt, spanAt } from './materialise.ts';
export { metricPointAt } from './materialise-points.ts';
export * from './otlp-objects.ts';
export { arrowSchema, toRecordBatch } from './arrow.ts';
export { columnsByName, columnsIn, scanColumnsIn } from './packed-columns.ts';
export { align8, Packer } from './packer.ts';
export { timeRangeOf } from './time-range.ts';
