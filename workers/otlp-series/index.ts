export { batchChunks, batchResources } from './batch-chunks.ts';
export { exposedNames, selectedNames } from './exposed-names.ts';
export { type HourFigure, hourFigure } from './hour-figure.ts';
export { isAccumulated } from './number-series.ts';
export { prometheusLabelName, prometheusMetricName } from './metric-name.ts';
export {
  NO_LISTS,
  NO_NUMBERS,
  NO_POINTS,
  type NumberLists,
  type OtlpStream,
  type PointColumns,
  type StreamChunk,
  type StreamMetric,
  type TextAttribute,
} from './otlp-stream.ts';
export {
  exemplarLabels,
  type SeenResource,
  selectSeries,
  selectsTargetInfo,
  selectTargetInfo,
} from './select-series.ts';
