import { describe, expect, it } from 'vitest';
import { graphOfShop } from '../e2e/platform-metrics.ts';
import { layoutGraph } from './layered-graph.ts';

describe('a layered graph', () => {
  const { nodes, edges } = graphOfShop();

  it('has callers left of callees, every node once, and none on top of another', () => {
    const { nodes: placed } = layoutGraph(nodes, edges);
    expect(placed.size).toBe(nodes.length);
    for (const { from, to } of edges) expect(placed.get(from)?.x).toBeLessThan(placed.get(to)?.x ?? 0);
    expect(new Set([...placed.values()].map(({ x, y }) => `${x} ${y}`)).size).toBe(nodes.length);
  });

  it('looks the same whatever order nodes and edges come in', () => {
    const there = layoutGraph(nodes, edges);
    const back = layoutGraph(nodes.toReversed(), edges.toReversed());
    const places = (layout: typeof there) =>
      [...layout.nodes].map(([id, { x, y }]) => `${id} ${x} ${y}`).sort();
    expect(places(back)).toEqual(places(there));
  });

  it('stands circles, self-calls and edges to unknown nodes', () => {
    const service = (id: string) => ({ id, name: id, type: 'service' as const });
    const edge = (from: string, to: string) => ({ from, to, requests: 1, errors: 0, p95Ms: null });
    const layout = layoutGraph(
      [service('a'), service('b'), service('c')],
      [edge('a', 'b'), edge('b', 'c'), edge('c', 'a'), edge('a', 'a'), edge('a', 'gone')],
    );
    expect([...layout.nodes.keys()].sort()).toEqual(['a', 'b', 'c']);
  });
});
