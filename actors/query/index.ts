export type { Aggregate } from './aggregates.ts';
export * from './query-engine.ts';
export { GRAPH_METRICS, GRAPH_SCALE, secondsHistogram } from './service-graph.ts';
