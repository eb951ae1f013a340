import type { SpanNode, SpanTree } from './span-tree.ts';

/** A stretch of the critical path: while it lasted, the whole trace waited for this span itself. */
export interface CriticalSection {
  readonly index: number;
  readonly fromNs: number;
  readonly toNs: number;
}

interface Clipped {
  readonly fromNs: number;
  readonly toNs: number;
}

/** A child that outlasts its parent, or begins before it, holds the parent up only while the parent runs. */
function clip(node: SpanNode, within: Clipped): Clipped | undefined {
  const fromNs = Math.max(node.startNs, within.fromNs);
  const toNs = Math.min(node.startNs + node.durationNs, within.toNs);
  return toNs > fromNs ? { fromNs, toNs } : undefined;
}

/** Children that overlap their parent, the last to finish first. */
function finishing(tree: SpanTree, node: SpanNode, within: Clipped) {
  return node.children
    .flatMap((index) => {
      const child = tree.nodes[index];
      const time = child && clip(child, within);
      return child === undefined || time === undefined ? [] : [{ child, time }];
    })
    .sort((one, other) => other.time.toNs - one.time.toNs);
}

/**
 * The critical path from the longest root, newest section first, as Jaeger computes it: from a span's end back to the
 * end of its last finishing child, on inside that child, and from the child's start on with the child that finished
 * last before then.
 */
export function criticalPath(tree: SpanTree): CriticalSection[] {
  const rootNodes = tree.roots.flatMap((index) => tree.nodes[index] ?? []);
  const root = rootNodes.sort((one, other) => other.durationNs - one.durationNs)[0];
  if (root === undefined) return [];
  const sections: CriticalSection[] = [];
  const push = (index: number, fromNs: number, toNs: number) => {
    if (toNs > fromNs) sections.push({ index, fromNs, toNs });
  };
  const frameOf = (node: SpanNode, within: Clipped) => ({
    node,
    within,
    reachedNs: within.toNs,
    children: finishing(tree, node, within),
    next: 0,
  });
  const rootTime = { fromNs: root.startNs, toNs: root.startNs + root.durationNs };
  const stack = [frameOf(root, rootTime)];
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    let found = frame.children[frame.next++];
    while (found !== undefined && found.time.toNs > frame.reachedNs) found = frame.children[frame.next++];
    if (found === undefined) {
      push(frame.node.index, frame.within.fromNs, frame.reachedNs);
      stack.pop();
      continue;
    }
    push(frame.node.index, found.time.toNs, frame.reachedNs);
    frame.reachedNs = found.time.fromNs;
    stack.push(frameOf(found.child, found.time));
  }
  return sections;
}
