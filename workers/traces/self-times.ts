import { traceTrees, walkTrees, type TraceNode, type TraceSpan } from './trace-tree.ts';

/** By span id: how long each span ran while none of its children did, ns. */
export function selfTimes(spans: readonly TraceSpan[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const node of walkTrees(traceTrees(spans))) times.set(node.span.spanId, selfTime(node));
  return times;
}

/** Children come in order of start: their union is swept once. */
export function selfTime({ start, end, children }: TraceNode): number {
  let covered = 0;
  let reached = start;
  for (const child of children) {
    const from = Math.max(reached, child.start);
    const to = Math.min(end, child.end);
    if (to > from) {
      covered += to - from;
      reached = to;
    }
  }
  return end - start - covered;
}
