export type {
  CallEdge,
  LogPatternCount,
  RootCauseInput,
  SignalKind,
  SignalSeries,
  SpanEvidence,
} from './evidence-input.ts';
export { rankRootCauses, type RootCause } from './rank-root-causes.ts';
export { syntheticIncident } from './synthetic-incident.ts';
