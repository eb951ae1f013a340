import { criticalPath, type Timed } from '../../traces/index.ts';
import type { SpanEvidence } from './evidence-input.ts';

/** What a service adds to a request by itself, against the healthy stretch. */
export interface TraceChange {
  readonly service: string;
  /** Share of all added time that is its own, 0 to 1, weighed down where little was added at all. */
  readonly slowness: number;
  /** Added own time on the critical path, a span, in the unit of the spans. */
  readonly addedPerSpan: number;
  /** Where most of it was added. */
  readonly operation: string;
  /** Own errors (of spans without failing children) a span, above the healthy share. */
  readonly ownErrors: number;
}

interface Tally {
  count: number;
  ownTime: number;
  ownErrors: number;
}

interface SpanNode extends Timed<SpanNode> {
  readonly span: SpanEvidence;
  /** What it called and waited for. */
  readonly children: SpanNode[];
  /** On the critical path, in the unit of the spans. */
  ownTime: number;
}

/** Of a gap between a client's span and the server's below it, each end gets half: the network belongs to both. */
const SHARE_OF_GAP = 0.5;

/**
 * Time of spans on the critical path of their trace (Zhang et al., "CRISP", USENIX ATC 2022) and errors that no child has, by service and
 * operation, against the healthy stretch. What nobody waited for makes nothing slower. Time between a call and its service counts
 * half for either end. O(n log n).
 *
 * @param normal spans, whole traces as far as may be; a span whose parent is not among them is the root of a tree
 * @param abnormal in the unit of `normal`; those whose time is not finite are left out
 * @param symptom service that suffers: trees of spans in which it has no part say nothing about it, unless no tree has any
 */
export function traceChanges(
  normal: readonly SpanEvidence[],
  abnormal: readonly SpanEvidence[],
  symptom?: string,
): Map<string, TraceChange> {
  const before = tallySpans(normal, symptom);
  const during = tallySpans(abnormal, symptom);
  const byService = new Map<
    string,
    { added: number; count: number; worst: number; operation: string; errors: number }
  >();
  let totalAdded = 0;
  let totalUsual = 0;
  for (const [service, operations] of during) {
    const sum = { added: 0, count: 0, worst: 0, operation: '', errors: 0 };
    for (const [operation, tally] of operations) {
      const usual = before.get(service)?.get(operation);
      if (usual === undefined) continue;
      const added = tally.ownTime - (usual.ownTime / usual.count) * tally.count;
      totalUsual += (usual.ownTime / usual.count) * tally.count;
      sum.added += added;
      sum.count += tally.count;
      sum.errors += Math.max(0, tally.ownErrors - (usual.ownErrors / usual.count) * tally.count);
      if (added > sum.worst) {
        sum.worst = added;
        sum.operation = operation;
      }
    }
    totalAdded += Math.max(0, sum.added);
    byService.set(service, sum);
  }
  // How much slower requests became at all: small shifts of a healthy system are no evidence.
  const weight = totalAdded / (totalAdded + totalUsual || 1);
  return new Map(
    [...byService].map(([service, { added, count, operation, errors }]) => [
      service,
      {
        service,
        slowness: totalAdded > 0 ? (Math.max(0, added) / totalAdded) * weight : 0,
        addedPerSpan: count === 0 ? 0 : added / count,
        operation,
        ownErrors: count === 0 ? 0 : errors / count,
      },
    ]),
  );
}

function tallySpans(
  spans: readonly SpanEvidence[],
  symptom: string | undefined,
): Map<string, Map<string, Tally>> {
  const result = new Map<string, Map<string, Tally>>();
  const trees = forestOf(spans);
  const meant = trees.filter((tree) => tree.some(({ span }) => span.service === symptom));
  for (const { span, ownTime, children } of (meant.length > 0 ? meant : trees).flatMap(timeOnPath)) {
    const remote = children.find((child) => child.span.service !== span.service)?.span;
    const own = tallyOf(result, span.service, span.operation);
    own.count += 1;
    own.ownTime += remote === undefined ? ownTime : ownTime * (1 - SHARE_OF_GAP);
    if (span.isError && !children.some((child) => child.span.isError)) own.ownErrors += 1;
    if (remote !== undefined) {
      const gap = tallyOf(result, remote.service, `calls of ${remote.operation}`);
      gap.count += 1;
      gap.ownTime += ownTime * SHARE_OF_GAP;
    }
  }
  return result;
}

/** The nodes of a tree, its root first. */
function timeOnPath(tree: readonly SpanNode[]): readonly SpanNode[] {
  const [root] = tree;
  if (root) for (const { node, start, end } of criticalPath(root)) node.ownTime += end - start;
  return tree;
}

/** Trees, root first. Of spans with one id the first is the parent of those that name it; what is its own ancestor is left out. */
function forestOf(spans: readonly SpanEvidence[]): SpanNode[][] {
  const byId = new Map<string, SpanNode>();
  const nodes: SpanNode[] = [];
  for (const span of spans) {
    const { id, start, duration } = span;
    if (!Number.isFinite(start) || !Number.isFinite(duration)) continue;
    const node = { span, start, end: start + Math.max(0, duration), children: [], ownTime: 0 };
    nodes.push(node);
    if (!byId.has(id)) byId.set(id, node);
  }
  const trees: SpanNode[][] = [];
  for (const node of nodes) {
    const parent = node.span.parent === '' ? undefined : byId.get(node.span.parent);
    if (parent !== undefined && isAwaited(node, parent)) parent.children.push(node);
    else trees.push([node]);
  }
  for (const tree of trees) for (const { children } of tree) for (const child of children) tree.push(child);
  return trees;
}

/** A child of which most comes after its parent's end was handed over, to a queue perhaps: it is a request of its own. */
function isAwaited(child: SpanNode, parent: SpanNode): boolean {
  const within = Math.min(child.end, parent.end) - Math.max(child.start, parent.start);
  return within >= (child.end - child.start) / 2;
}

function tallyOf(tallies: Map<string, Map<string, Tally>>, service: string, operation: string): Tally {
  let operations = tallies.get(service);
  if (operations === undefined) tallies.set(service, (operations = new Map<string, Tally>()));
  let tally = operations.get(operation);
  if (tally === undefined) operations.set(operation, (tally = { count: 0, ownTime: 0, ownErrors: 0 }));
  return tally;
}
