import type { TraceColumns } from './trace-columns.ts';

/** A span in its place, times in ns since the trace began. */
export interface TraceNode {
  /** Of the columns. */
  readonly row: number;
  readonly start: number;
  readonly end: number;
  readonly parent: TraceNode | undefined;
  /** In order of start. */
  readonly children: TraceNode[];
}

interface PlacedNode extends TraceNode {
  parent: PlacedNode | undefined;
  /** An ancestor: a short cut to the root. */
  above: PlacedNode | undefined;
}

/**
 * The spans as trees, each under its parent; roots are those whose parent is not among them. Of spans with one id the
 * first counts, and a span that is its own ancestor is a root. Ends before starts are taken for starts.
 */
export function traceTrees(columns: TraceColumns): TraceNode[] {
  const { spanIds, parentSpanIds, startsUnixNano, endsUnixNano } = columns;
  const begin = traceBegin(columns);
  const nodes = new Map<bigint, PlacedNode>();
  for (const [row, id] of spanIds.entries()) {
    if (nodes.has(id)) continue;
    const start = Number((startsUnixNano[row] ?? 0n) - begin);
    const end = Math.max(start, Number((endsUnixNano[row] ?? 0n) - begin));
    nodes.set(id, { row, start, end, parent: undefined, children: [], above: undefined });
  }
  const roots: TraceNode[] = [];
  for (const node of nodes.values()) {
    const parent = nodes.get(parentSpanIds[node.row] ?? 0n);
    if (!parent || rootOf(parent) === node) roots.push(node);
    else {
      node.parent = parent;
      node.above = parent;
      parent.children.push(node);
    }
  }
  const byStart = (a: TraceNode, b: TraceNode): number => a.start - b.start;
  for (const { children } of nodes.values()) children.sort(byStart);
  return roots.sort(byStart);
}

/** Of the earliest span. */
export function traceBegin({ startsUnixNano }: TraceColumns): bigint {
  let begin = startsUnixNano[0] ?? 0n;
  for (const start of startsUnixNano) if (start < begin) begin = start;
  return begin;
}

/** Halves the way with every walk: a chain of spans is not walked from each of them. */
function rootOf(node: PlacedNode): PlacedNode {
  let at = node;
  while (at.above) {
    at.above = at.above.above ?? at.above;
    at = at.above;
  }
  return at;
}

/** All nodes, parents first. */
export function* walkTrees(roots: readonly TraceNode[]): Generator<TraceNode> {
  const waiting = [...roots].reverse();
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    yield node;
    for (let i = node.children.length - 1; i >= 0; i -= 1) {
      const child = node.children[i];
      if (child) waiting.push(child);
    }
  }
}
