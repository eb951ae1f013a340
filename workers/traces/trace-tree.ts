/** What the analyses of a trace need of a span. */
export interface TraceSpan {
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly service: { readonly id: string };
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

/** A span in its place, times in ns since the trace began. */
export interface TraceNode<Span extends TraceSpan = TraceSpan> {
  readonly span: Span;
  readonly start: number;
  readonly end: number;
  readonly parent: TraceNode<Span> | undefined;
  /** In order of start. */
  readonly children: TraceNode<Span>[];
}

/**
 * The spans as trees, each under its parent; roots are those whose parent is not among them. Of spans with one id the
 * first counts, and a span that is its own ancestor is a root. Ends before starts are taken for starts.
 */
export function traceTrees<Span extends TraceSpan>(spans: readonly Span[]): TraceNode<Span>[] {
  const begin = spans.reduce<bigint | undefined>((least, { startTimeUnixNano }) => {
    const start = BigInt(startTimeUnixNano);
    return least === undefined || start < least ? start : least;
  }, undefined);
  const since = (nanos: string): number => Number(BigInt(nanos) - (begin ?? 0n));
  const byId = new Map<string, Span>();
  for (const span of spans) if (!byId.has(span.spanId)) byId.set(span.spanId, span);
  const nodes = new Map<string, TraceNode<Span> & { parent: TraceNode<Span> | undefined }>();
  for (const [id, span] of byId) {
    const start = since(span.startTimeUnixNano);
    nodes.set(id, {
      span,
      start,
      end: Math.max(start, since(span.endTimeUnixNano)),
      parent: undefined,
      children: [],
    });
  }
  const roots: TraceNode<Span>[] = [];
  for (const node of nodes.values()) {
    const parent = nodes.get(node.span.parentSpanId);
    if (!parent || isAncestor(node, parent)) roots.push(node);
    else {
      node.parent = parent;
      parent.children.push(node);
    }
  }
  const byStart = (a: TraceNode, b: TraceNode): number => a.start - b.start;
  for (const { children } of nodes.values()) children.sort(byStart);
  return roots.sort(byStart);
}

function isAncestor(node: TraceNode, of: TraceNode): boolean {
  for (let at: TraceNode | undefined = of; at; at = at.parent) if (at === node) return true;
  return false;
}

/** All nodes, parents first. */
export function* walkTrees<Span extends TraceSpan>(
  roots: readonly TraceNode<Span>[],
): Generator<TraceNode<Span>> {
  const waiting = [...roots].reverse();
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    yield node;
    for (let i = node.children.length - 1; i >= 0; i -= 1) {
      const child = node.children[i];
      if (child) waiting.push(child);
    }
  }
}
