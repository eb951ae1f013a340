import type { SpanTree } from './span-tree.ts';

/** Spans of one service and name. */
export interface CallNode {
  readonly id: string;
  readonly serviceId: string;
  readonly name: string;
  readonly count: number;
  readonly errors: number;
  readonly selfNs: number;
  /** Of all self time of the trace, 0 to 1. */
  readonly selfShare: number;
}

export interface CallEdge {
  readonly from: string;
  readonly to: string;
  readonly calls: number;
}

/** Which operations called which in a trace: all spans of one service and name are one node. Calls to itself are no edges. */
export function callGraph(tree: SpanTree): {
  readonly nodes: readonly CallNode[];
  readonly edges: readonly CallEdge[];
} {
  const nodes = new Map<string, { -readonly [Key in keyof CallNode]: CallNode[Key] }>();
  const edges = new Map<string, { -readonly [Key in keyof CallEdge]: CallEdge[Key] }>();
  const idOf = (index: number): string | undefined => {
    const span = tree.nodes[index]?.span;
    return span && JSON.stringify([span.service.id, span.name]);
  };
  let all = 0;
  for (const { index, parent, span, isError, selfNs } of tree.nodes) {
    const id = idOf(index) ?? '';
    const node = nodes.get(id) ?? {
      id,
      serviceId: span.service.id,
      name: span.name,
      count: 0,
      errors: 0,
      selfNs: 0,
      selfShare: 0,
    };
    node.count += 1;
    node.errors += isError ? 1 : 0;
    node.selfNs += selfNs;
    all += selfNs;
    nodes.set(id, node);
    const from = idOf(parent);
    if (from === undefined || from === id) continue;
    const key = `${from}${id}`;
    const edge = edges.get(key) ?? { from, to: id, calls: 0 };
    edge.calls += 1;
    edges.set(key, edge);
  }
  for (const node of nodes.values()) node.selfShare = all > 0 ? node.selfNs / all : 0;
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}
