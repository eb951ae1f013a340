import type { TraceNode } from './trace-tree.ts';

/** A time during which the trace waited for this span and none of its children. ns since the trace began. */
export interface PathSection {
  /** Of the columns. */
  readonly row: number;
  readonly start: number;
  readonly end: number;
}

interface Place {
  readonly node: TraceNode;
  /** Cut to what lies within its parent. */
  readonly start: number;
  readonly end: number;
  readonly parent: Place | undefined;
  /** Those that overlap this one, by their ends; the last is looked at first. */
  readonly rest: TraceNode[];
}

/**
 * The critical path of the longest tree, latest section first, as Jaeger computes it (Uber, "CRISP", USENIX ATC 2022):
 * from the end backwards, always into the child that finished last before the point that is already explained. Children
 * are cut to their parent's time. The sections touch and together are as long as the root.
 */
export function criticalPath(roots: readonly TraceNode[]): PathSection[] {
  const [root] = [...roots].sort((a, b) => b.end - b.start - (a.end - a.start));
  if (!root) return [];
  const sections: PathSection[] = [];
  let place: Place | undefined = placeOf(root, undefined);
  let explained = place.end;
  while (place) {
    const child = lastFinished(place, explained);
    const from = child?.end ?? place.start;
    if (from < explained) sections.push({ row: place.node.row, start: from, end: explained });
    explained = from;
    place = child ?? place.parent;
  }
  return sections;
}

function placeOf(node: TraceNode, parent: Place | undefined): Place {
  const start = parent ? Math.max(node.start, parent.start) : node.start;
  const end = parent ? Math.min(node.end, parent.end) : node.end;
  const rest = node.children.filter((child) => child.start < end && child.end > start);
  rest.sort((a, b) => Math.min(a.end, end) - Math.min(b.end, end) || a.start - b.start);
  return { node, start, end, parent, rest };
}

/** Later ones overlap what is explained already: they are not asked again. */
function lastFinished(place: Place, explained: number): Place | undefined {
  for (let next = place.rest.pop(); next; next = place.rest.pop()) {
    if (Math.min(next.end, place.end) <= explained) return placeOf(next, place);
  }
  return undefined;
}
