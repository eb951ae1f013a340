import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SpanJson } from '../../../proto/api/index.ts';
import { checkoutTrace, hex, largeTrace, makeSpan } from '../../e2e/platform-data.ts';
import { criticalPath } from './critical-path.ts';
import { parseSpanFilter } from './span-filter.ts';
import { collapsedBelow, makeSpanTree, revealed, visibleNodes } from './span-tree.ts';

const T = 1_767_225_600_000_000_000n;

/** `[parent, startNs, durationNs]`, parent undefined for roots. */
const spansOf = (rows: readonly (readonly [number | undefined, number, number])[]): SpanJson[] =>
  rows.map(([parent, start, durationNs], index) =>
    makeSpan({ index, parent, service: 'a', name: `s${index}`, startNs: T + BigInt(start), durationNs }),
  );

const treeOf = (...rows: readonly (readonly [number | undefined, number, number])[]) =>
  makeSpanTree(spansOf(rows));

describe('makeSpanTree', () => {
  it('orders depth first, children by start, and knows depth, self time and descendants', () => {
    const tree = treeOf([undefined, 0, 100], [0, 50, 30], [0, 10, 30], [2, 15, 10], [1, 60, 100]);
    expect([...tree.order]).toEqual([0, 2, 3, 1, 4]);
    expect(tree.nodes.map(({ depth }) => depth)).toEqual([0, 1, 1, 2, 2]);
    expect(tree.nodes.map(({ below }) => below)).toEqual([4, 1, 1, 0, 0]);
    // 100 - 30 - 30; the child of span 1 outlasts it and covers its last 20.
    expect(tree.nodes.map(({ selfNs }) => selfNs)).toEqual([40, 10, 20, 10, 100]);
    expect(tree.durationNs).toBe(160);
    expect(tree.maxDepth).toBe(2);
  });

  it('counts overlapping children once', () => {
    const tree = treeOf([undefined, 0, 100], [0, 10, 50], [0, 20, 60], [0, 30, 10]);
    expect(tree.nodes[0]?.selfNs).toBe(30);
  });

  it('keeps orphans as roots, and errors known to every ancestor', () => {
    const tree = makeSpanTree(checkoutTrace(1_767_225_600_000));
    expect(tree.orphanCount).toBe(1);
    expect(tree.roots).toEqual([0, 12]);
    expect(tree.nodes.map(({ errorsBelow }) => errorsBelow).slice(0, 9)).toEqual([2, 2, 0, 0, 0, 0, 2, 0, 1]);
    expect(tree.skew).toEqual({ count: 1, mostNs: 3_000_000 });
  });

  it('cuts circles of parents, however they come', () => {
    const [a, b, c] = spansOf([
      [undefined, 5, 10],
      [0, 6, 4],
      [1, 7, 2],
    ]) as [SpanJson, SpanJson, SpanJson];
    const circle = [
      { ...a, parentSpanId: c.spanId },
      b,
      c,
      { ...a, spanId: hex(99, 16), parentSpanId: hex(99, 16) },
    ];
    const tree = makeSpanTree(circle);
    expect([...tree.order].sort()).toEqual([0, 1, 2, 3]);
    expect(tree.roots).toEqual([0, 3]);
  });

  it('stands duplicates of a span id and a trace without spans', () => {
    const [a] = spansOf([[undefined, 0, 1]]) as [SpanJson];
    expect(makeSpanTree([a, a, a]).order).toHaveLength(3);
    expect(makeSpanTree([])).toMatchObject({ roots: [], durationNs: 1, maxDepth: 0 });
  });

  it('places 50,000 spans', () => {
    const tree = makeSpanTree(largeTrace(50_000, 1_767_225_600_000));
    expect(new Set(tree.order).size).toBe(50_000);
  });

  it('shows every span exactly once for any parents at all', () => {
    const row = fc.tuple(fc.option(fc.nat(30), { nil: undefined }), fc.nat(1_000), fc.nat(1_000));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
        const tree = makeSpanTree(spansOf(rows));
        expect([...tree.order].sort((one, other) => one - other)).toEqual(rows.map((_, index) => index));
        expect(tree.roots.reduce((sum, root) => sum + 1 + (tree.nodes[root]?.below ?? 0), 0)).toBe(
          rows.length,
        );
      }),
    );
  });
});

describe('collapsing', () => {
  const tree = treeOf([undefined, 0, 100], [0, 10, 30], [1, 15, 10], [0, 50, 30], [3, 60, 5]);

  it('hides what is below', () => {
    expect([...visibleNodes(tree, new Set())]).toEqual([0, 1, 2, 3, 4]);
    expect([...visibleNodes(tree, new Set([1]))]).toEqual([0, 1, 3, 4]);
    expect([...visibleNodes(tree, new Set([0, 1]))]).toEqual([0]);
  });

  it('collapses by depth and opens the way to a span', () => {
    const collapsed = collapsedBelow(tree, 1);
    expect([...visibleNodes(tree, collapsed)]).toEqual([0, 1, 3]);
    expect([...visibleNodes(tree, revealed(tree, collapsed, 4))]).toEqual([0, 1, 3, 4]);
    expect(revealed(tree, collapsed, 1)).toBe(collapsed);
  });
});

describe('criticalPath', () => {
  const path = (...rows: readonly (readonly [number | undefined, number, number])[]) =>
    criticalPath(treeOf(...rows)).map(({ index, fromNs, toNs }) => [index, fromNs, toNs]);

  it('is the span itself when it has no children', () => {
    expect(path([undefined, 0, 100])).toEqual([[0, 0, 100]]);
  });

  it('goes back through children one after another', () => {
    expect(path([undefined, 0, 100], [0, 10, 20], [0, 40, 30])).toEqual([
      [0, 70, 100],
      [2, 40, 70],
      [0, 30, 40],
      [1, 10, 30],
      [0, 0, 10],
    ]);
  });

  it('takes the child that finishes last of those that overlap', () => {
    expect(path([undefined, 0, 100], [0, 10, 60], [0, 30, 60])).toEqual([
      [0, 90, 100],
      [2, 30, 90],
      [0, 0, 30],
    ]);
  });

  it('counts a child that outlasts its parent only as long as the parent ran', () => {
    expect(path([undefined, 0, 100], [0, 20, 500])).toEqual([
      [1, 20, 100],
      [0, 0, 20],
    ]);
  });

  it('passes over children that began after their parent ended', () => {
    expect(path([undefined, 0, 100], [0, 150, 10])).toEqual([[0, 0, 100]]);
  });

  it('goes down through grandchildren', () => {
    expect(path([undefined, 0, 100], [0, 10, 80], [1, 20, 30])).toEqual([
      [0, 90, 100],
      [1, 50, 90],
      [2, 20, 50],
      [1, 10, 20],
      [0, 0, 10],
    ]);
  });

  it('covers the longest root without gap or overlap, whatever the trace', () => {
    const row = fc.tuple(fc.option(fc.nat(20), { nil: undefined }), fc.nat(1_000), fc.nat(1_000));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (rows) => {
        const tree = makeSpanTree(spansOf(rows));
        const longest = Math.max(...tree.roots.map((root) => tree.nodes[root]?.durationNs ?? 0));
        const sections = criticalPath(tree);
        expect(sections.reduce((sum, { fromNs, toNs }) => sum + toNs - fromNs, 0)).toBe(longest);
        for (const [at, section] of sections.slice(1).entries()) {
          expect(section.toNs).toBe(sections[at]?.fromNs);
        }
      }),
    );
  });
});

describe('parseSpanFilter', () => {
  const tree = makeSpanTree(checkoutTrace(1_767_225_600_000));
  const found = (text: string) =>
    tree.nodes.filter(parseSpanFilter(text) ?? (() => false)).map(({ index }) => index);

  it.each([
    ['redis', [3]],
    ['SERVICE:payment', [8, 9]],
    ['service:payment kind:client', [9]],
    ['status:error', [0, 8, 9]],
    ['duration>300ms', [0, 1]],
    ['duration<6ms', [11]],
    ['http.route=/cart/', [2]],
    ['order.id=9223372036854775807 service:email', [12]],
    ['"card declined"', [0, 8, 9]],
    ['host.name=currency', [7]],
    ['nothing-like-it', []],
  ])('%s finds %j', (text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  it('is absent for an empty search', () => {
    expect(parseSpanFilter('   ')).toBeUndefined();
  });
});
