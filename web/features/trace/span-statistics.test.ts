import { describe, expect, it } from 'vitest';
import { checkoutTrace, largeTrace, makeSpan } from '../../e2e/platform-data.ts';
import { flameGraph, spanStatistics } from './span-statistics.ts';
import { makeSpanTree } from './span-tree.ts';

const T = 1_767_225_600_000_000_000n;

const treeOf = (...rows: readonly (readonly [number | undefined, string, number, number])[]) =>
  makeSpanTree(
    rows.map(([parent, name, start, durationNs], index) =>
      makeSpan({ index, parent, service: 'a', name, startNs: T + BigInt(start), durationNs }),
    ),
  );

describe('statistics of a trace', () => {
  it('add up spans of one operation, the most self time first', () => {
    const rows = spanStatistics(
      treeOf([undefined, 'root', 0, 100], [0, 'query', 10, 30], [0, 'query', 50, 40]),
    );
    expect(
      rows.map(({ name, count, totalNs, selfNs, longestNs }) => [name, count, totalNs, selfNs, longestNs]),
    ).toEqual([
      ['query', 2, 70, 70, 40],
      ['root', 1, 100, 30, 100],
    ]);
  });

  it('lose no span, and no error', () => {
    const tree = makeSpanTree(checkoutTrace(1_767_225_600_000));
    const rows = spanStatistics(tree);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(tree.nodes.length);
    expect(rows.reduce((sum, { errors }) => sum + errors, 0)).toBe(
      tree.nodes.filter(({ isError }) => isError).length,
    );
  });
});

describe('a flame graph', () => {
  it('merges spans that were reached the same way, as wide as the self time below', () => {
    const nodes = flameGraph(
      treeOf(
        [undefined, 'root', 0, 100],
        [0, 'query', 10, 30],
        [0, 'query', 50, 30],
        [0, 'render', 80, 20],
        [1, 'wait', 10, 15],
      ),
    );
    expect(nodes.map(({ name, depth, from, width, count }) => [name, depth, from, width, count])).toEqual([
      ['root', 0, 0, 1, 1],
      ['query', 1, 0, 0.6, 2],
      ['wait', 2, 0, 0.15, 1],
      ['render', 1, 0.6, 0.2, 1],
    ]);
  });

  it('never grows wider than what it stands on, and leaves out what nobody could see', () => {
    const nodes = flameGraph(makeSpanTree(largeTrace(5_000, 1_767_225_600_000)));
    const above: { from: number; width: number }[] = [];
    for (const node of nodes) {
      const below = node.depth === 0 ? { from: 0, width: 1 } : above[node.depth - 1];
      expect(node.from).toBeGreaterThanOrEqual((below?.from ?? 1) - 1e-9);
      expect(node.from + node.width).toBeLessThanOrEqual((below?.from ?? 0) + (below?.width ?? 0) + 1e-9);
      expect(node.width).toBeGreaterThanOrEqual(0.001);
      above[node.depth] = node;
    }
  });
});
