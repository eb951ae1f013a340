import { criticalPath } from './critical-path.ts';
import { selfTimes } from './self-times.ts';
import type { TraceColumns } from './trace-columns.ts';
import { traceBegin, traceTrees } from './trace-tree.ts';

/** What a trace waited for. Rows are those of the columns, times are ns. */
export interface ExplainedTrace {
  /** Of the critical path of the longest tree, latest first: the span, and from when to when. */
  readonly sectionRows: Uint32Array;
  readonly sectionsFromUnixNano: BigUint64Array;
  readonly sectionsToUnixNano: BigUint64Array;
  /** All rows, those longest on the critical path first. */
  readonly order: Uint32Array;
  /** By row. Spans with one id have the times of the first. */
  readonly selfTimes: Float64Array;
  readonly criticalTimes: Float64Array;
}

export function explainTrace(columns: TraceColumns): ExplainedTrace {
  const { spanIds } = columns;
  const roots = traceTrees(columns);
  const self = selfTimes(roots, spanIds.length);
  const [longest] = [...roots].sort((a, b) => b.end - b.start - (a.end - a.start));
  const sections = longest ? criticalPath(longest) : [];
  const critical = new Float64Array(spanIds.length);
  for (const { node, start, end } of sections) {
    critical[node.row] = (critical[node.row] ?? 0) + end - start;
  }
  const firstOf = new Map<bigint, number>();
  for (const [row, id] of spanIds.entries()) {
    const first = firstOf.get(id);
    if (first === undefined) firstOf.set(id, row);
    else {
      self[row] = self[first] ?? 0;
      critical[row] = critical[first] ?? 0;
    }
  }
  const order = Uint32Array.from(spanIds.keys());
  order.sort((a, b) => (critical[b] ?? 0) - (critical[a] ?? 0) || a - b);
  const begin = traceBegin(columns);
  return {
    sectionRows: Uint32Array.from(sections, ({ node }) => node.row),
    sectionsFromUnixNano: BigUint64Array.from(sections, ({ start }) => begin + BigInt(start)),
    sectionsToUnixNano: BigUint64Array.from(sections, ({ end }) => begin + BigInt(end)),
    order,
    selfTimes: self,
    criticalTimes: critical,
  };
}
