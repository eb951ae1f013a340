export type {
  CallEdge,
  LogPatternCount,
  RootCauseInput,
  SignalKind,
  SignalSeries,
  SpanEvidence,
} from './evidence-input.ts';
export { explainRootCauses } from './explain-root-cause.ts';
export { rankRootCauses, type Evidence, type RootCause } from './rank-root-causes.ts';
export { syntheticIncident } from './synthetic-incident.ts';
