import type { SpanTree } from './span-tree.ts';

/** What spans of one service and name did in a trace; times in ns. */
export interface SpanStatistics {
  readonly serviceId: string;
  readonly name: string;
  readonly count: number;
  readonly errors: number;
  readonly totalNs: number;
  readonly selfNs: number;
  readonly longestNs: number;
}

/** One row an operation, the most self time first. */
export function spanStatistics(tree: SpanTree): SpanStatistics[] {
  const rows = new Map<string, { -readonly [Key in keyof SpanStatistics]: SpanStatistics[Key] }>();
  for (const { span, isError, durationNs, selfNs } of tree.nodes) {
    const key = `${span.service.id} ${span.name}`;
    const row = rows.get(key) ?? {
      serviceId: span.service.id,
      name: span.name,
      count: 0,
      errors: 0,
      totalNs: 0,
      selfNs: 0,
      longestNs: 0,
    };
    row.count += 1;
    row.errors += isError ? 1 : 0;
    row.totalNs += durationNs;
    row.selfNs += selfNs;
    row.longestNs = Math.max(row.longestNs, durationNs);
    rows.set(key, row);
  }
  return [...rows.values()].sort((one, other) => other.selfNs - one.selfNs);
}

/** All spans that came to be on one way from the root: their self time, and that of all below. */
export interface FlameNode {
  readonly serviceId: string;
  readonly name: string;
  readonly depth: number;
  /** Where it begins, and how wide it is, as shares of all self time. */
  readonly from: number;
  readonly width: number;
  readonly count: number;
  readonly errors: number;
  readonly selfNs: number;
  readonly totalNs: number;
}

interface Growing {
  readonly serviceId: string;
  readonly name: string;
  readonly children: Map<string, Growing>;
  count: number;
  errors: number;
  selfNs: number;
}

const MOST_DEPTH = 200;

/**
 * A flame graph (Gregg, 2016): spans merged by the names from the root down, each as wide as the self time of it and all
 * below. Nodes narrower than `least` (a share of all) are left out. Parents stand before their children.
 */
export function flameGraph(tree: SpanTree, least = 0.001): FlameNode[] {
  const root = growing('', '');
  const places: Growing[] = [];
  for (const index of tree.order) {
    const node = tree.nodes[index];
    if (!node) continue;
    const above = places[node.parent] ?? root;
    // What is deeper than anybody reads counts where the reading ends.
    const place = node.depth < MOST_DEPTH ? childOf(above, node.span.service.id, node.span.name) : above;
    place.count += 1;
    place.errors += node.isError ? 1 : 0;
    place.selfNs += node.selfNs;
    places[index] = place;
  }
  return laidOut(root, least);
}

function growing(serviceId: string, name: string): Growing {
  return { serviceId, name, children: new Map(), count: 0, errors: 0, selfNs: 0 };
}

function childOf(parent: Growing, serviceId: string, name: string): Growing {
  const key = `${serviceId} ${name}`;
  const child = parent.children.get(key) ?? growing(serviceId, name);
  parent.children.set(key, child);
  return child;
}

function laidOut(root: Growing, least: number): FlameNode[] {
  const totals = new Map<Growing, number>();
  const total = (node: Growing): number => {
    let sum = node.selfNs;
    for (const child of node.children.values()) sum += total(child);
    totals.set(node, sum);
    return sum;
  };
  const all = Math.max(1, total(root));
  const nodes: FlameNode[] = [];
  const place = (node: Growing, depth: number, from: number): void => {
    let at = from;
    const children = [...node.children.values()].sort(
      (one, other) => (totals.get(other) ?? 0) - (totals.get(one) ?? 0),
    );
    for (const child of children) {
      const totalNs = totals.get(child) ?? 0;
      const width = totalNs / all;
      if (width < least) break;
      const { serviceId, name, count, errors, selfNs } = child;
      nodes.push({ serviceId, name, depth, from: at, width, count, errors, selfNs, totalNs });
      place(child, depth + 1, at);
      at += width;
    }
  };
  place(root, 0, 0);
  return nodes;
}
