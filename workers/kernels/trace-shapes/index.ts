export type { ShapeSpan, ShapeTrace, TraceShape } from './shape-input.ts';
export { TraceShapes, type TraceShapesOptions } from './trace-shapes.ts';
