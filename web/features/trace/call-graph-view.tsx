import { createMemo, For, Show, type JSX } from 'solid-js';
import { formatCount, formatDurationNs, formatRatio } from '../../ui/format.ts';
import { edgePath, layoutGraph, NODE_HEIGHT, NODE_WIDTH, type PlacedNode } from '../../ui/layered-graph.ts';
import { colourVar } from '../../ui/series-colour.ts';
import { parseServiceId } from '../../ui/service-id.ts';
import { callGraph, type CallNode } from './call-graph.ts';
import type { SpanTree } from './span-tree.ts';

const [HALF_WIDTH, HALF_HEIGHT] = [NODE_WIDTH / 2, NODE_HEIGHT / 2];
const INSET = 8;
const LONGEST_NAME = 17;
/** More nodes than anybody can follow: those with the least self time are left out. */
const MOST_NODES = 300;

const shortened = (name: string) =>
  name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;

function titleOf({ serviceId, name, count, errors, selfNs, selfShare }: CallNode): string {
  const failed = errors > 0 ? `, ${formatCount(errors)} with errors` : '';
  return `${parseServiceId(serviceId).name} ${name}: ${formatCount(count)} ${count === 1 ? 'span' : 'spans'}${failed}, itself ${formatDurationNs(selfNs)} (${formatRatio(selfShare)} of the trace)`;
}

function Node(props: { readonly placed: PlacedNode<CallNode>; readonly onPick: () => void }): JSX.Element {
  const node = () => props.placed.node;
  return (
    <g
      class="call-node"
      classList={{ failing: node().errors > 0 }}
      transform={`translate(${props.placed.x} ${props.placed.y})`}
      role="button"
      tabindex="0"
      aria-label={titleOf(node())}
      onClick={() => {
        props.onPick();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') props.onPick();
      }}
    >
      <title>{titleOf(node())}</title>
      <rect class="shape" x={-HALF_WIDTH} y={-HALF_HEIGHT} width={NODE_WIDTH} height={NODE_HEIGHT} rx="8" />
      <rect
        class="self-share"
        x={-HALF_WIDTH + INSET}
        y={HALF_HEIGHT - 7}
        width={(NODE_WIDTH - 2 * INSET) * node().selfShare}
        height="4"
        rx="2"
        style={{ fill: colourVar(node().serviceId) }}
      />
      <text class="call-name" y="-6">
        {shortened(`${node().errors > 0 ? '▲ ' : ''}${node().name}`)}
      </text>
      <text class="call-figures" y="10">
        {shortened(parseServiceId(node().serviceId).name)} · {formatCount(node().count)}× ·{' '}
        {formatDurationNs(node().selfNs)}
      </text>
    </g>
  );
}

/** Which operations of the trace called which, callers left of callees; the bar below a name is its share of all self time. */
export function CallGraph(props: {
  readonly tree: SpanTree;
  readonly onPick: (node: Pick<CallNode, 'serviceId' | 'name'>) => void;
}): JSX.Element {
  const graph = createMemo(() => callGraph(props.tree));
  const shown = createMemo(() =>
    graph()
      .nodes.toSorted((one, other) => other.selfNs - one.selfNs)
      .slice(0, MOST_NODES),
  );
  const layout = createMemo(() => layoutGraph(shown(), graph().edges));
  const most = createMemo(() => Math.max(1, ...graph().edges.map(({ calls }) => calls)));
  const edges = createMemo(() =>
    graph().edges.flatMap((edge) => {
      const [from, to] = [layout().nodes.get(edge.from), layout().nodes.get(edge.to)];
      return from && to ? [{ edge, path: edgePath(from, to) }] : [];
    }),
  );
  return (
    <div class="panel grow table-scroll">
      <Show when={graph().nodes.length > MOST_NODES}>
        <p class="banner warn">
          {formatCount(graph().nodes.length - MOST_NODES)} operations with the least self time are not drawn.
        </p>
      </Show>
      <svg
        class="call-graph"
        viewBox={`0 -10 ${layout().width} ${layout().height + 40}`}
        style={{ width: `${layout().width}px` }}
        role="group"
        aria-label="Calls of this trace"
      >
        <defs>
          <marker
            id="call-arrow"
            viewBox="0 0 8 8"
            refX="6"
            refY="4"
            markerWidth="9"
            markerHeight="9"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M0 0 L8 4 L0 8 Z" />
          </marker>
        </defs>
        <For each={edges()}>
          {({ edge, path }) => (
            <path
              class="call-edge"
              d={path}
              marker-end="url(#call-arrow)"
              style={{ 'stroke-width': `${1 + 3 * Math.sqrt(edge.calls / most())}px` }}
            >
              <title>{`${formatCount(edge.calls)} ${edge.calls === 1 ? 'call' : 'calls'}`}</title>
            </path>
          )}
        </For>
        <For each={[...layout().nodes.values()]}>
          {(placed) => (
            <Node
              placed={placed}
              onPick={() => {
                props.onPick(placed.node);
              }}
            />
          )}
        </For>
      </svg>
    </div>
  );
}
