import { ShapeHash } from './shape-hash.ts';
import type { ShapeSpan, ShapeStep, ShapeTrace } from './shape-input.ts';

/** What a trace is built like. */
export interface ShapeOf {
  readonly hash: number;
  readonly durationMs: number;
  readonly spans: number;
  readonly isFailed: boolean;
  readonly tree: FoldedTree;
}

/** A trace in which siblings that are the same are one. Made when it is asked for: most traces are of a shape that is known. */
export interface FoldedTree {
  readonly steps: () => { readonly steps: readonly ShapeStep[]; readonly leftOut: number };
  /** Hashes of what calls what, and of the tops. */
  readonly calls: () => ReadonlySet<number>;
}

interface Node {
  readonly span: ShapeSpan;
  readonly children: Node[];
  hash: number;
}

export const MOST_STEPS = 64;
const MOST_CALLS = 4_096;

/** `undefined` where no span is sound, or all of them are each other's parents. */
export function shapeOf({ spans }: ShapeTrace): ShapeOf | undefined {
  const { tops, nodes } = treeOf(spans.filter(isSound));
  if (tops.length === 0) return undefined;
  // Children stand behind their parents: backwards, they are hashed before them.
  for (const node of nodes.toReversed()) node.hash = nodeHash(node);
  const hash = new ShapeHash();
  for (const top of hashesOf(tops)) hash.hash(top);
  return {
    hash: hash.value(),
    durationMs: durationOf(tops),
    spans: nodes.length,
    isFailed: nodes.some(({ span }) => span.isError),
    tree: { steps: () => stepsOf(tops), calls: () => callsOf(tops) },
  };
}

function isSound({ start, duration }: ShapeSpan): boolean {
  return Number.isFinite(start) && duration >= 0 && duration < Infinity;
}

/** Spans whose parent is not there are tops; those that are each other's parents are under none, and left out. */
function treeOf(spans: readonly ShapeSpan[]): { readonly tops: Node[]; readonly nodes: Node[] } {
  const byId = new Map<string, Node>();
  for (const span of spans) {
    if (!byId.has(span.id)) byId.set(span.id, { span, children: [], hash: 0 });
  }
  const tops: Node[] = [];
  for (const node of byId.values()) {
    const parent = byId.get(node.span.parent);
    if (parent === undefined || parent === node) tops.push(node);
    else parent.children.push(node);
  }
  const nodes = [...tops];
  // The list grows while it is walked: breadth first.
  for (const { children } of nodes) for (const child of children) nodes.push(child);
  return { tops, nodes };
}

function nodeHash({ span, children }: Node): number {
  const hash = new ShapeHash().hash(labelHash(span));
  for (const child of hashesOf(children)) hash.hash(child);
  return hash.value();
}

const MOST_LABELS = 10_000;
const labels = new Map<string, Map<string, number>>();
let labelCount = 0;

/** Remembered: there are few of them, and each is in many traces. */
function labelHash({ service, operation }: ShapeSpan): number {
  const known = labels.get(service)?.get(operation);
  if (known !== undefined) return known;
  if (labelCount >= MOST_LABELS) {
    labels.clear();
    labelCount = 0;
  }
  const hash = new ShapeHash().text(service).text(operation).value();
  const ofService = labels.get(service) ?? new Map<string, number>();
  labels.set(service, ofService.set(operation, hash));
  labelCount += 1;
  return hash;
}

/** Each once, ascending: neither order nor number of siblings is part of a shape. */
function hashesOf(nodes: readonly Node[]): number[] {
  return [...new Set(nodes.map(({ hash }) => hash))].sort((a, b) => a - b);
}

/** Of its one top; without one, from the first start to the last end. */
function durationOf(tops: readonly Node[]): number {
  const [first, ...others] = tops;
  if (first && others.length === 0) return first.span.duration;
  let [from, to] = [Infinity, -Infinity];
  for (const { span } of tops) {
    from = Math.min(from, span.start);
    to = Math.max(to, span.start + span.duration);
  }
  return to - from;
}

interface Folded {
  readonly node: Node;
  readonly repeats: number;
}

function folded(siblings: readonly Node[]): Folded[] {
  const groups = new Map<number, { node: Node; repeats: number }>();
  for (const node of siblings.toSorted(byStart)) {
    const group = groups.get(node.hash);
    if (group) group.repeats += 1;
    else groups.set(node.hash, { node, repeats: 1 });
  }
  return [...groups.values()];
}

function byStart({ span: one }: Node, { span: other }: Node): number {
  return one.start - other.start || (one.id < other.id ? -1 : 1);
}

function stepsOf(tops: readonly Node[]): { readonly steps: readonly ShapeStep[]; readonly leftOut: number } {
  const steps: ShapeStep[] = [];
  let leftOut = 0;
  const waiting = folded(tops)
    .map((each) => ({ ...each, depth: 0 }))
    .reverse();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { node, repeats, depth } = next;
    if (steps.length < MOST_STEPS) {
      const { service, operation } = node.span;
      steps.push({ depth, service, operation, repeats });
    } else leftOut += 1;
    for (const child of folded(node.children).reverse()) waiting.push({ ...child, depth: depth + 1 });
  }
  return { steps, leftOut };
}

function callsOf(tops: readonly Node[]): ReadonlySet<number> {
  const calls = new Set(tops.map(({ span }) => labelHash(span)));
  const waiting = [...tops];
  for (let node = waiting.pop(); node && calls.size < MOST_CALLS; node = waiting.pop()) {
    const from = labelHash(node.span);
    for (const { node: child } of folded(node.children)) {
      calls.add(new ShapeHash().hash(from).hash(labelHash(child.span)).value());
      waiting.push(child);
    }
  }
  return calls;
}
