export { AskedMetrics } from './asked-metrics.ts';
export type { Aggregate } from './aggregates.ts';
export { mapInTurns } from './map-in-turns.ts';
export { Turns } from './turns.ts';
export * from './query-engine.ts';
export { startQueryRun, type StartedRun } from './query-run.ts';
export { GRAPH_METRICS, GRAPH_SCALE, secondsHistogram } from './service-graph.ts';
export { ShadowCheck, type ShadowCounts, type ShadowDivergence } from './shadow-check.ts';
export { PrometheusEngine } from './prometheus-engine.ts';
