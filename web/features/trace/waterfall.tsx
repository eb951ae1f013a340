import { createEffect, For, on, Show, type JSX } from 'solid-js';
import { usePreferences } from '../../app/preferences.tsx';
import { createShortcuts } from '../../app/keyboard.tsx';
import { createChartColours } from '../../charts/colours.ts';
import { formatDurationNs } from '../../ui/format.ts';
import { VirtualRows, type VirtualHandle } from '../../ui/virtual-rows.tsx';
import type { TraceView } from './create-trace-view.ts';
import { Minimap } from './minimap.tsx';
import { SpanRow } from './span-row.tsx';
import { placeOf, rulerTicks } from './viewport.ts';

const ROW_PX = 26;
const GROUP = 'Trace';

/** A label that begins further right than this would be cut off. */
const LAST_TICK_PERCENT = 92;

function Ruler(props: { readonly view: TraceView }): JSX.Element {
  const ticks = () => {
    const { fromNs, toNs } = props.view.viewport();
    const last = fromNs + ((toNs - fromNs) * LAST_TICK_PERCENT) / 100;
    return rulerTicks(props.view.viewport()).filter((tick) => tick <= last);
  };
  return (
    <div class="ruler" aria-hidden="true">
      <For each={ticks()}>
        {(tick) => (
          <span style={{ left: `${placeOf(tick, 0, props.view.viewport())?.leftPercent ?? 0}%` }}>
            {formatDurationNs(tick)}
          </span>
        )}
      </For>
    </div>
  );
}

function createWaterfallKeys(view: TraceView, focusSearch: () => void, scroll: (rows: number) => void): void {
  const key = (keys: readonly string[], what: string, run: () => void) => ({ keys, what, run, group: GROUP });
  const collapse = (isCollapsed: boolean) => {
    const node = view.selected();
    if (node !== undefined && node.children.length > 0 && view.isCollapsed(node.index) !== isCollapsed) {
      view.setCollapsed(node.index, isCollapsed);
    } else if (node !== undefined) {
      if (isCollapsed && node.parent >= 0) view.select(node.parent);
      if (!isCollapsed) view.move(1);
    }
  };
  createShortcuts([
    key(['j', 'f', 'arrowdown'], 'Next span', () => {
      view.move(1);
    }),
    key(['k', 'b', 'arrowup'], 'Previous span', () => {
      view.move(-1);
    }),
    key(['arrowright'], 'Expand, or go to the next span', () => {
      collapse(false);
    }),
    key(['arrowleft'], 'Collapse, or go to the parent', () => {
      collapse(true);
    }),
    key(['['], 'Expand all', () => {
      view.expandAll();
    }),
    key([']'], 'Collapse all', () => {
      view.collapseAll();
    }),
    key(['p'], 'Expand one level', () => {
      view.changeLevel(1);
    }),
    key(['o'], 'Collapse one level', () => {
      view.changeLevel(-1);
    }),
    key(['+', '='], 'Zoom in', () => {
      view.zoom(0.5);
    }),
    key(['-'], 'Zoom out', () => {
      view.zoom(2);
    }),
    key(['a'], 'Pan left', () => {
      view.pan(-0.1);
    }),
    key(['d'], 'Pan right', () => {
      view.pan(0.1);
    }),
    key(['shift+a'], 'Pan left by half', () => {
      view.pan(-0.5);
    }),
    key(['shift+d'], 'Pan right by half', () => {
      view.pan(0.5);
    }),
    key(['s'], 'Scroll down', () => {
      scroll(10);
    }),
    key(['w'], 'Scroll up', () => {
      scroll(-10);
    }),
    key(['n'], 'Next match', () => {
      view.nextMatch(1);
    }),
    key(['shift+n'], 'Previous match', () => {
      view.nextMatch(-1);
    }),
    key(['c'], 'Critical path on or off', () => {
      view.toggleCritical();
    }),
    key(['mod+b'], 'Search spans', focusSearch),
    key(['escape'], 'Close the span, then the search, then the zoom', () => {
      if (view.selected() !== undefined) view.select(undefined);
      else if (view.search() !== '') view.setSearch('');
      else view.resetZoom();
    }),
  ]);
}

export function Waterfall(props: { readonly view: TraceView }): JSX.Element {
  const preferences = usePreferences();
  const colours = createChartColours(preferences.theme);
  let handle: VirtualHandle | undefined;
  const showSelected = () => {
    const index = props.view.selected()?.index;
    if (index === undefined) return;
    const row = props.view.rows().indexOf(index);
    if (row >= 0) handle?.scrollToIndex(row);
  };

  // oxlint-disable-next-line solid/reactivity -- a trace has one view for as long as it is shown
  const view = props.view;
  createWaterfallKeys(
    view,
    () => document.querySelector<HTMLInputElement>('[data-search]')?.focus(),
    (rows) => {
      handle?.element.scrollBy({ top: rows * ROW_PX });
    },
  );
  createEffect(on(() => props.view.selected(), showSelected));
  return (
    <div class="waterfall">
      <Minimap view={props.view} colours={colours} />
      <div class="waterfall-head">
        <span class="span-name">Service and operation</span>
        <Ruler view={props.view} />
      </div>
      <div
        class="waterfall-rows"
        role="treegrid"
        aria-label="Spans"
        aria-rowcount={props.view.rows().length}
        aria-activedescendant={props.view.selected() && `span-${props.view.selected()?.index ?? 0}`}
        tabindex="0"
      >
        <VirtualRows
          count={props.view.rows().length}
          rowHeight={ROW_PX}
          label="Spans"
          handle={(made) => {
            handle = made;
            requestAnimationFrame(showSelected);
          }}
        >
          {(row) => (
            <Show when={props.view.tree.nodes[props.view.rows()[row()] ?? -1]}>
              {(node) => <SpanRow view={props.view} node={node()} />}
            </Show>
          )}
        </VirtualRows>
      </div>
    </div>
  );
}
