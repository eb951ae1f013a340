export type { CallEdge, LogPatternCount, SignalKind, SignalSeries, SpanEvidence } from './evidence-input.ts';
export { explainRootCauses } from './explain-root-cause.ts';
export { rankRootCauses, type RootCause } from './rank-root-causes.ts';
export { syntheticIncident } from './synthetic-incident.ts';
