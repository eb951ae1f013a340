import { describe, expect, it } from 'vitest';
import { checkoutTrace } from '../../e2e/platform-data.ts';
import { callGraph } from './call-graph.ts';
import { makeSpanTree } from './span-tree.ts';

describe('the call graph of a trace', () => {
  const tree = makeSpanTree(checkoutTrace(1_700_000_000_000));
  const { nodes, edges } = callGraph(tree);

  it('counts every span, failed ones and all self time once', () => {
    expect(nodes.reduce((sum, { count }) => sum + count, 0)).toBe(tree.nodes.length);
    expect(nodes.reduce((sum, { errors }) => sum + errors, 0)).toBe(
      tree.nodes.filter(({ isError }) => isError).length,
    );
    expect(nodes.reduce((sum, { selfShare }) => sum + selfShare, 0)).toBeCloseTo(1);
  });

  it('has a call for every span whose parent does something else', () => {
    const calls = tree.nodes.filter(({ parent, span }) => {
      const above = tree.nodes[parent]?.span;
      return above && (above.service.id !== span.service.id || above.name !== span.name);
    });
    expect(edges.reduce((sum, edge) => sum + edge.calls, 0)).toBe(calls.length);
    const ids = new Set(nodes.map(({ id }) => id));
    for (const { from, to } of edges) expect([ids.has(from), ids.has(to)]).toEqual([true, true]);
  });
});
