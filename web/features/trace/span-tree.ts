import type { SpanJson } from '../../../proto/api/index.ts';
import { STATUS_ERROR } from '../../ui/otel-names.ts';

/** A span's place in its trace. Times are ns after the start of the trace, which a double holds exactly (104 days). */
export interface SpanNode {
  readonly index: number;
  readonly span: SpanJson;
  /** Index of the parent node, -1 for roots and orphans. */
  parent: number;
  /** In order of start. */
  readonly children: number[];
  depth: number;
  readonly startNs: number;
  readonly durationNs: number;
  /** Time in which no child ran. */
  selfNs: number;
  readonly isError: boolean;
  /** Errors among all descendants. */
  errorsBelow: number;
  /** Its parent was not received. */
  readonly isOrphan: boolean;
  /** Number of descendants. */
  below: number;
}

export interface SpanTree {
  readonly nodes: readonly SpanNode[];
  /** Depth first, children in order of start. */
  readonly order: Int32Array;
  readonly startUnixNano: bigint;
  readonly durationNs: number;
  readonly roots: readonly number[];
  readonly orphanCount: number;
  readonly maxDepth: number;
  /** Spans that begin before their parent of another service: the clocks of their machines differ. */
  readonly skew: { readonly count: number; readonly mostNs: number };
  readonly byId: ReadonlyMap<string, number>;
}

const byStart = (nodes: readonly SpanNode[]) => (one: number, other: number) =>
  (nodes[one]?.startNs ?? 0) - (nodes[other]?.startNs ?? 0) || one - other;

function makeNodes(
  spans: readonly SpanJson[],
  startUnixNano: bigint,
  ids: ReadonlyMap<string, number>,
): SpanNode[] {
  return spans.map((span, index) => {
    const start = BigInt(span.startTimeUnixNano);
    const parent = span.parentSpanId === '' ? -1 : (ids.get(span.parentSpanId) ?? -1);
    return {
      index,
      span,
      parent: parent === index ? -1 : parent,
      children: [],
      depth: 0,
      startNs: Number(start - startUnixNano),
      durationNs: Math.max(0, Number(BigInt(span.endTimeUnixNano) - start)),
      selfNs: 0,
      isError: span.status.code === STATUS_ERROR,
      errorsBelow: 0,
      isOrphan: span.parentSpanId !== '' && parent < 0,
      below: 0,
    };
  });
}

/** Parents that form a circle are cut open at the span that began first: hostile input must not hang the page. */
function cutCircles(nodes: readonly SpanNode[]): void {
  const settled = new Uint8Array(nodes.length);
  for (const node of nodes) {
    const path: number[] = [];
    let at = node.index;
    while (at >= 0 && settled[at] === 0) {
      settled[at] = 1;
      path.push(at);
      at = nodes[at]?.parent ?? -1;
    }
    if (at >= 0 && settled[at] === 1) {
      const circle = path.slice(path.indexOf(at)).sort(byStart(nodes));
      const first = nodes[circle[0] ?? -1];
      if (first !== undefined) first.parent = -1;
    }
    for (const index of path) settled[index] = 2;
  }
}

function depthFirst(nodes: readonly SpanNode[], roots: readonly number[]): Int32Array {
  const order = new Int32Array(nodes.length);
  const stack = roots.toReversed();
  let count = 0;
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const node = nodes[at];
    if (node === undefined) continue;
    order[count++] = at;
    node.depth = node.parent < 0 ? 0 : (nodes[node.parent]?.depth ?? 0) + 1;
    for (let child = node.children.length - 1; child >= 0; child--) stack.push(node.children[child] ?? -1);
  }
  return order;
}

/** Duration minus the union of the children's times inside it. `children` are in order of start. */
function selfTime(node: SpanNode, nodes: readonly SpanNode[]): number {
  const end = node.startNs + node.durationNs;
  let covered = 0;
  let reached = node.startNs;
  for (const index of node.children) {
    const child = nodes[index];
    if (child === undefined) continue;
    const from = Math.max(reached, child.startNs);
    const to = Math.min(end, child.startNs + child.durationNs);
    if (to > from) {
      covered += to - from;
      reached = to;
    }
  }
  return node.durationNs - covered;
}

function sumUp(nodes: readonly SpanNode[], order: Int32Array): void {
  for (let at = order.length - 1; at >= 0; at--) {
    const node = nodes[order[at] ?? -1];
    if (node === undefined) continue;
    node.selfNs = selfTime(node, nodes);
    const parent = nodes[node.parent];
    if (parent === undefined) continue;
    parent.errorsBelow += node.errorsBelow + Number(node.isError);
    parent.below += node.below + 1;
  }
}

function skewOf(nodes: readonly SpanNode[]): SpanTree['skew'] {
  let count = 0;
  let mostNs = 0;
  for (const node of nodes) {
    const parent = nodes[node.parent];
    if (parent === undefined || parent.span.service.id === node.span.service.id) continue;
    const early = parent.startNs - node.startNs;
    if (early > 0) {
      count += 1;
      mostNs = Math.max(mostNs, early);
    }
  }
  return { count, mostNs };
}

export function makeSpanTree(spans: readonly SpanJson[]): SpanTree {
  let start: bigint | undefined;
  let end = 0n;
  const byId = new Map<string, number>();
  spans.forEach((span, index) => {
    const [from, to] = [BigInt(span.startTimeUnixNano), BigInt(span.endTimeUnixNano)];
    if (start === undefined || from < start) start = from;
    if (to > end) end = to;
    if (!byId.has(span.spanId)) byId.set(span.spanId, index);
  });
  const startUnixNano = start ?? 0n;
  const nodes = makeNodes(spans, startUnixNano, byId);
  cutCircles(nodes);
  const roots: number[] = [];
  for (const node of nodes) (nodes[node.parent]?.children ?? roots).push(node.index);
  for (const node of nodes) node.children.sort(byStart(nodes));
  roots.sort(byStart(nodes));
  const order = depthFirst(nodes, roots);
  sumUp(nodes, order);
  return {
    nodes,
    order,
    startUnixNano,
    durationNs: Math.max(1, Number(end - startUnixNano)),
    roots,
    orphanCount: nodes.reduce((sum, { isOrphan }) => sum + Number(isOrphan), 0),
    maxDepth: nodes.reduce((most, { depth }) => Math.max(most, depth), 0),
    skew: skewOf(nodes),
    byId,
  };
}

/** Nodes in sight, in the order shown: those below a collapsed one are left out. */
export function visibleNodes(tree: SpanTree, collapsed: ReadonlySet<number>): Int32Array {
  if (collapsed.size === 0) return tree.order;
  const shown: number[] = [];
  for (let at = 0; at < tree.order.length; at++) {
    const index = tree.order[at] ?? 0;
    shown.push(index);
    if (collapsed.has(index)) at += tree.nodes[index]?.below ?? 0;
  }
  return Int32Array.from(shown);
}

/** Collapsed so that only spans of at most `depth` are seen. */
export function collapsedBelow(tree: SpanTree, depth: number): Set<number> {
  return new Set(
    tree.nodes.filter((node) => node.depth >= depth && node.children.length > 0).map(({ index }) => index),
  );
}

/** Without the collapsed ones that hide `index`. */
export function revealed(tree: SpanTree, collapsed: ReadonlySet<number>, index: number): ReadonlySet<number> {
  const open = new Set(collapsed);
  for (let at = tree.nodes[index]?.parent ?? -1; at >= 0; at = tree.nodes[at]?.parent ?? -1) open.delete(at);
  return open.size === collapsed.size ? collapsed : open;
}
