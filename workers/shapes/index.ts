export { collectShapeSpans } from './collect-shape-spans.ts';
export { findTraceShapes, type FoundTraceShapes } from './find-trace-shapes.ts';
export { estimateTraces, mergeSamples, sampleTraces } from './sample-traces.ts';
