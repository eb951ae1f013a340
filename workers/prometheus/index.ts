export { findMetrics, findSeries, gatherPoints, labelsFound } from './gather-points.ts';
export { packPoints, type GatheredPoints, type PackedPoints } from './packed-points.ts';
export { answerPromql, type FetchedSelector, type PromqlAnswer } from './answer-promql.ts';
