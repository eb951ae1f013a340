/** What begins and ends, and what it called; times in any one unit. */
export interface Timed<Node> {
  readonly start: number;
  /** Not before `start`. */
  readonly end: number;
  readonly children: readonly Node[];
}

/** A time during which the root waited for this node and none of its children, in the unit of the nodes. */
export interface PathSection<Node> {
  readonly node: Node;
  readonly start: number;
  readonly end: number;
}

interface Place<Node> {
  readonly node: Node;
  /** Cut to what lies within its parent. */
  readonly start: number;
  readonly end: number;
  readonly parent: Place<Node> | undefined;
  /** Those that overlap this one, by their ends; the last is looked at first. */
  readonly rest: Node[];
}

/**
 * The critical path of a tree, latest section first, as Jaeger computes it (Zhang et al., "CRISP", USENIX ATC 2022):
 * from the end backwards, always into the child that finished last before the point that is already explained. Children
 * are cut to their parent's time. The sections touch and together are as long as the root. O(n log n), no recursion.
 */
export function criticalPath<Node extends Timed<Node>>(root: Node): PathSection<Node>[] {
  const sections: PathSection<Node>[] = [];
  let place: Place<Node> | undefined = placeOf(root, undefined);
  let explained = place.end;
  while (place) {
    const child: Place<Node> | undefined = lastFinished(place, explained);
    const from = child?.end ?? place.start;
    if (from < explained) sections.push({ node: place.node, start: from, end: explained });
    explained = from;
    place = child ?? place.parent;
  }
  return sections;
}

function placeOf<Node extends Timed<Node>>(node: Node, parent: Place<Node> | undefined): Place<Node> {
  const start = parent ? Math.max(node.start, parent.start) : node.start;
  const end = parent ? Math.min(node.end, parent.end) : node.end;
  const rest = node.children.filter((child) => child.start < end && child.end > start);
  rest.sort((a, b) => Math.min(a.end, end) - Math.min(b.end, end) || a.start - b.start);
  return { node, start, end, parent, rest };
}

/** Later ones overlap what is explained already: they are not asked again. */
function lastFinished<Node extends Timed<Node>>(
  place: Place<Node>,
  explained: number,
): Place<Node> | undefined {
  for (let next = place.rest.pop(); next; next = place.rest.pop()) {
    if (Math.min(next.end, place.end) <= explained) return placeOf(next, place);
  }
  return undefined;
}
