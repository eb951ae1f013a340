import { selfTime } from './self-times.ts';
import { traceTrees, walkTrees, type TraceNode, type TraceSpan } from './trace-tree.ts';

/** One step of the way from a root to a span. */
export interface PathStep {
  readonly service: string;
  readonly name: string;
  readonly kind: number;
}

/** Spans of one trace on one path. */
export interface PathFigures {
  readonly spans: number;
  /** Of all of them together, ns. */
  readonly duration: number;
  readonly self: number;
}

export interface ComparedPath {
  readonly path: readonly PathStep[];
  readonly before: PathFigures | undefined;
  readonly after: PathFigures | undefined;
}

interface Gathered {
  readonly path: readonly PathStep[];
  spans: number;
  duration: number;
  self: number;
}

/**
 * Spans of two traces, matched by their paths: the services, names and kinds from the root down. Where several siblings
 * share a path they count together. In the order of the first trace, what only the second has behind.
 */
export function compareTraces(before: readonly TraceSpan[], after: readonly TraceSpan[]): ComparedPath[] {
  const [first, second] = [gather(before), gather(after)];
  const keys = new Set([...first.keys(), ...second.keys()]);
  return Array.from(keys, (key) => {
    const [was, is] = [first.get(key), second.get(key)];
    return { path: (was ?? is)?.path ?? [], before: figuresOf(was), after: figuresOf(is) };
  });
}

function figuresOf(gathered: Gathered | undefined): PathFigures | undefined {
  return gathered && { spans: gathered.spans, duration: gathered.duration, self: gathered.self };
}

function gather(spans: readonly TraceSpan[]): Map<string, Gathered> {
  const found = new Map<string, Gathered>();
  const keys = new Map<TraceNode, string>();
  for (const node of walkTrees(traceTrees(spans))) {
    const { span, parent, start, end } = node;
    const step = { service: span.service.id, name: span.name, kind: span.kind };
    const parentKey = parent ? (keys.get(parent) ?? '') : '';
    const key = `${parentKey}${JSON.stringify([step.service, step.name, step.kind])}`;
    keys.set(node, key);
    let gathered = found.get(key);
    if (!gathered) {
      gathered = { path: [...(found.get(parentKey)?.path ?? []), step], spans: 0, duration: 0, self: 0 };
      found.set(key, gathered);
    }
    gathered.spans += 1;
    gathered.duration += end - start;
    gathered.self += selfTime(node);
  }
  return found;
}
