import { createMemo, For, Show, type JSX } from 'solid-js';
import { formatCount, formatDurationNs, formatRatio } from '../../ui/format.ts';
import { colourVar } from '../../ui/series-colour.ts';
import { parseServiceId } from '../../ui/service-id.ts';
import { flameGraph, type FlameNode } from './span-statistics.ts';
import type { SpanTree } from './span-tree.ts';

const ROW_PX = 22;
/** Narrower ones have no room for a word. */
const LEAST_LABELLED = 0.02;

function titleOf(node: FlameNode): string {
  const { name } = parseServiceId(node.serviceId);
  const spans = `${formatCount(node.count)} ${node.count === 1 ? 'span' : 'spans'}`;
  const errors = node.errors > 0 ? `, ${formatCount(node.errors)} with errors` : '';
  return `${name} ${node.name}: ${formatDurationNs(node.totalNs)} (${formatRatio(node.width)}), itself ${formatDurationNs(node.selfNs)}, ${spans}${errors}`;
}

/** Where the time went, by the way of names from the root down: as wide as the self time of it and all below. */
export function FlameGraph(props: {
  readonly tree: SpanTree;
  readonly onPick: (node: Pick<FlameNode, 'serviceId' | 'name'>) => void;
}): JSX.Element {
  const nodes = createMemo(() => flameGraph(props.tree));
  const depth = () => nodes().reduce((most, node) => Math.max(most, node.depth), 0) + 1;
  return (
    <div class="panel grow table-scroll">
      <div class="flame" role="list" aria-label="Flame graph" style={{ height: `${depth() * ROW_PX}px` }}>
        <For each={nodes()}>
          {(node) => (
            <div
              role="listitem"
              class="flame-node"
              style={{
                left: `${node.from * 100}%`,
                width: `${node.width * 100}%`,
                top: `${node.depth * ROW_PX}px`,
                '--swatch': colourVar(node.serviceId),
              }}
            >
              <button
                type="button"
                classList={{ failed: node.errors > 0 }}
                title={titleOf(node)}
                aria-label={titleOf(node)}
                onClick={() => {
                  props.onPick(node);
                }}
              >
                <Show when={node.width >= LEAST_LABELLED}>
                  <b>{parseServiceId(node.serviceId).name}</b> {node.name}
                </Show>
              </button>
            </div>
          )}
        </For>
      </div>
    </div>
  );
}
