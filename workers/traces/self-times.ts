import { walkTrees, type TraceNode } from './trace-tree.ts';

/** By row: how long each span ran while none of its children did, ns. */
export function selfTimes(roots: readonly TraceNode[], spans: number): Float64Array {
  const times = new Float64Array(spans);
  for (const node of walkTrees(roots)) times[node.row] = selfTime(node);
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
