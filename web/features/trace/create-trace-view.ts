import { createMemo, createSignal, type Accessor } from 'solid-js';
import { createUrlText } from '../../app/url-state.ts';
import { criticalPath, type CriticalSection } from './critical-path.ts';
import { parseSpanFilter } from './span-filter.ts';
import type { SpanLogs } from './span-logs.ts';
import { collapsedBelow, revealed, visibleNodes, type SpanNode, type SpanTree } from './span-tree.ts';
import { panned, zoomed, clampViewport, type Viewport } from './viewport.ts';

/** Everything one can do with an open trace. Selection, search and critical path live in the URL. */
export interface TraceView {
  readonly tree: SpanTree;
  /** What the span logged, as far as is known. */
  logsOf(spanId: string): SpanLogs | undefined;
  readonly rows: Accessor<Int32Array>;
  readonly viewport: Accessor<Viewport>;
  readonly isZoomed: () => boolean;
  setViewport(view: Viewport): void;
  zoom(factor: number): void;
  pan(share: number): void;
  resetZoom(): void;

  readonly selected: Accessor<SpanNode | undefined>;
  select(index: number | undefined): void;
  /** Selects the row `step` rows further down. */
  move(step: number): void;

  isCollapsed(index: number): boolean;
  setCollapsed(index: number, isCollapsed: boolean): void;
  collapseAll(): void;
  expandAll(): void;
  /** One level more, or less, of the tree. */
  changeLevel(step: 1 | -1): void;

  readonly search: Accessor<string>;
  setSearch(text: string): void;
  readonly matches: Accessor<ReadonlySet<number> | undefined>;
  readonly matchPosition: () => number;
  nextMatch(step: 1 | -1): void;
  readonly isOnlyMatches: Accessor<boolean>;
  setOnlyMatches(isOnly: boolean): void;

  readonly critical: Accessor<ReadonlyMap<number, readonly CriticalSection[]> | undefined>;
  toggleCritical(): void;
}

function groupSections(sections: readonly CriticalSection[]): Map<number, CriticalSection[]> {
  const groups = new Map<number, CriticalSection[]>();
  for (const section of sections) groups.set(section.index, [...(groups.get(section.index) ?? []), section]);
  return groups;
}

function createViewport(tree: SpanTree) {
  const whole = { fromNs: 0, toNs: tree.durationNs };
  const [viewport, setViewport] = createSignal<Viewport>(whole);
  return {
    viewport,
    isZoomed: () => viewport().toNs - viewport().fromNs < tree.durationNs * 0.999_999,
    setViewport: (view: Viewport) => setViewport(clampViewport(view, tree.durationNs)),
    zoom: (factor: number) => setViewport((view) => zoomed(view, factor, tree.durationNs)),
    pan: (share: number) => setViewport((view) => panned(view, share, tree.durationNs)),
    resetZoom: () => setViewport(whole),
  };
}

function createSearch(tree: SpanTree) {
  const text = createUrlText('q');
  const only = createUrlText('only');
  const matches = createMemo(() => {
    const test = parseSpanFilter(text.value());
    return test && new Set(tree.nodes.filter(test).map(({ index }) => index));
  });
  const ordered = createMemo(() => [...tree.order].filter((index) => matches()?.has(index)));
  return { text, only, matches, ordered };
}

export function createTraceView(tree: SpanTree, logsOf: TraceView['logsOf']): TraceView {
  const view = createViewport(tree);
  const search = createSearch(tree);
  const spanText = createUrlText('span');
  const criticalText = createUrlText('critical');
  const [collapsed, setCollapsed] = createSignal<ReadonlySet<number>>(new Set());
  const [level, setLevel] = createSignal(tree.maxDepth);

  const isOnlyMatches = () => search.only.value() === '1' && search.matches() !== undefined;
  const rows = createMemo(() =>
    isOnlyMatches() ? Int32Array.from(search.ordered()) : visibleNodes(tree, collapsed()),
  );
  const selected = createMemo(() => tree.nodes[tree.byId.get(spanText.value()) ?? -1]);
  const select = (index: number | undefined) => {
    const node = tree.nodes[index ?? -1];
    if (node !== undefined) setCollapsed((now) => revealed(tree, now, node.index));
    spanText.set(node?.span.spanId ?? '');
  };
  const positionIn = (list: ArrayLike<number>) => {
    const index = selected()?.index;
    return index === undefined ? -1 : Array.prototype.indexOf.call(list, index);
  };
  const critical = createMemo(() =>
    criticalText.value() === '1' ? groupSections(criticalPath(tree)) : undefined,
  );

  return {
    tree,
    logsOf,
    rows,
    ...view,
    selected,
    select,
    move(step) {
      const at = positionIn(rows());
      const next = at < 0 ? (step > 0 ? 0 : rows().length - 1) : at + step;
      select(rows()[Math.max(0, Math.min(rows().length - 1, next))]);
    },
    isCollapsed: (index) => collapsed().has(index),
    setCollapsed(index, isCollapsed) {
      const next = new Set(collapsed());
      if (isCollapsed) next.add(index);
      else next.delete(index);
      setCollapsed(next);
    },
    collapseAll() {
      setLevel(0);
      setCollapsed(collapsedBelow(tree, 0));
    },
    expandAll() {
      setLevel(tree.maxDepth);
      setCollapsed(new Set<number>());
    },
    changeLevel(step) {
      setLevel((now) => Math.max(0, Math.min(tree.maxDepth, now + step)));
      setCollapsed(collapsedBelow(tree, level()));
    },
    search: search.text.value,
    setSearch: (text) => {
      search.text.set(text);
    },
    matches: search.matches,
    matchPosition: () => positionIn(search.ordered()),
    nextMatch(step) {
      const { length } = search.ordered();
      if (length === 0) return;
      const at = positionIn(search.ordered());
      const next = at < 0 ? (step > 0 ? 0 : length - 1) : (at + step + length) % length;
      select(search.ordered()[next]);
    },
    isOnlyMatches,
    setOnlyMatches: (isOnly) => {
      search.only.set(isOnly ? '1' : '');
    },
    critical,
    toggleCritical: () => {
      criticalText.set(criticalText.value() === '1' ? '' : '1');
    },
  };
}
