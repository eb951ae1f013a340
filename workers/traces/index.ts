export { compareTraces, type ComparedPaths, type PathFigures } from './compare-traces.ts';
export { criticalPath, type Timed } from './critical-path.ts';
export { explainTrace, type ExplainedTrace } from './explain-trace.ts';
export { TraceColumnsBuilder, type TraceColumns, type TraceSpan } from './trace-columns.ts';
