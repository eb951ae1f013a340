export type { TalliedException } from './exception-tally.ts';
export {
  countLogs,
  SEVERITIES,
  type CountedLogs,
  type LogCell,
  type SeenPattern,
  type Severity,
} from './count-logs.ts';
export { findRecurrences } from './find-recurrences.ts';
export { DETECTORS, judgeSeries, type Judged, type JudgedSeries, type JudgeInput } from './judge-series.ts';
export type { SeenResource } from './resource-tally.ts';
export { PointKind, tallyPoints, type PointTally } from './tally-points.ts';
export { tallyEdges } from './tally-edges.ts';
export { tallySpans, type SpanTally, type TalliedSeries } from './tally-spans.ts';
export { settleSeries } from './settle-series.ts';
export {
  newChunk,
  SERIES_A_CHUNK,
  TEST_KINDS,
  TEST_SIZES,
  type SharedStates,
  type TestKind,
} from './watch-layout.ts';
export { sampleSpans, type SampledSpan, type SampledSpans } from './sample-spans.ts';
export { findRootCauses } from './find-root-causes.ts';
