import { TraceShapes, type ShapeSpan, type TraceShape } from '../kernels/trace-shapes/index.ts';
import type { CollectedShapeSpans } from './collect-shape-spans.ts';

export interface FindTraceShapesInput {
  readonly shares: readonly CollectedShapeSpans[];
  /** Shapes at most, the most frequent. */
  readonly limit: number;
}

export interface FoundTraceShapes {
  readonly shapes: readonly TraceShape[];
  /** Traces that were looked at. */
  readonly traces: number;
  /** There are further shapes. */
  readonly more: boolean;
}

/** Shapes of the traces that threads have collected. */
export function findTraceShapes({ shares, limit }: FindTraceShapesInput): FoundTraceShapes {
  const traces = new Map<string, ShapeSpan[]>();
  for (const { traceId, ...span } of shares.flatMap(({ spans }) => spans)) {
    const known = traces.get(traceId);
    if (known) known.push(span);
    else traces.set(traceId, [span]);
  }
  const tally = new TraceShapes();
  // In an order that does not depend on threads: the first trace of a shape is its example.
  for (const [traceId, spans] of [...traces].sort(([one], [other]) => (one < other ? -1 : 1))) {
    tally.add({ traceId, spans });
  }
  const shapes = tally.shapes();
  return {
    shapes: shapes.slice(0, limit),
    traces: tally.traces,
    more: shapes.length > limit || tally.others > 0,
  };
}
