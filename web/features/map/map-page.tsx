import { useNavigate } from '@solidjs/router';
import { createMemo, createSignal, For, type JSX } from 'solid-js';
import type { ApiAnswers, GraphEdgeJson, GraphNodeJson } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { createOpenTroubles } from '../../app/insights.tsx';
import { TimePicker } from '../../app/time-picker.tsx';
import { boundsOf } from '../../app/time-range.ts';
import { createUrlTimeRange } from '../../app/url-state.ts';
import { withRange } from '../../app/with-range.ts';
import { RefreshButton } from '../../ui/controls.tsx';
import { exactCount, formatDurationMs, formatRate, formatRatio } from '../../ui/format.ts';
import { edgePath, layoutGraph, type PlacedNode } from '../../ui/layered-graph.ts';
import { servicePath } from '../../ui/service-id.ts';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import { HIGH_ERROR_RATIO, MapNode, Shape } from './map-node.tsx';
import './map.css';

type Graph = ApiAnswers['/api/v1/graph'];

const errorRatio = ({ errors, requests }: GraphEdgeJson) => (requests === 0 ? 0 : errors / requests);

function Edge(props: {
  readonly edge: GraphEdgeJson;
  readonly path: string;
  readonly seconds: number;
  readonly most: number;
  readonly isFaded: boolean;
}): JSX.Element {
  const width = () => 1 + 3 * Math.sqrt(props.edge.requests / Math.max(1, props.most));
  const isFailing = () => errorRatio(props.edge) >= HIGH_ERROR_RATIO;
  return (
    <path
      class="map-edge"
      classList={{ faded: props.isFaded, failing: isFailing() }}
      d={props.path}
      marker-end={isFailing() ? 'url(#arrow-failing)' : 'url(#arrow)'}
      style={{ 'stroke-width': `${width()}px` }}
    >
      <title>
        {`${exactCount(props.edge.requests)} calls, ${formatRate(props.edge.requests / props.seconds)}, ${formatRatio(errorRatio(props.edge))} errors, p95 ${formatDurationMs(props.edge.p95Ms ?? NaN)}`}
      </title>
    </path>
  );
}

function MapDrawing(props: { readonly graph: Graph; readonly seconds: number }): JSX.Element {
  const navigate = useNavigate();
  const time = createUrlTimeRange();
  const open = createOpenTroubles();
  const layout = createMemo(() => layoutGraph(props.graph.nodes, props.graph.edges));
  const [pointed, setPointed] = createSignal<string>();
  const most = createMemo(() => props.graph.edges.reduce((top, { requests }) => Math.max(top, requests), 0));
  const near = createMemo(() => {
    const id = pointed();
    if (id === undefined) return undefined;
    return new Set([
      id,
      ...props.graph.edges.flatMap(({ from, to }) => (from === id ? [to] : to === id ? [from] : [])),
    ]);
  });
  const edges = createMemo(() =>
    props.graph.edges.flatMap((edge) => {
      const [from, to] = [layout().nodes.get(edge.from), layout().nodes.get(edge.to)];
      return from === undefined || to === undefined || from === to
        ? []
        : [{ edge, path: edgePath(from, to) }];
    }),
  );
  const visit = ({ node }: PlacedNode<GraphNodeJson>) => {
    if (node.type === 'service') navigate(withRange(servicePath(node.id), time.range()));
  };
  const arrow = (id: string) => (
    <marker
      id={id}
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
  );
  return (
    <div class="map-scroll">
      <svg
        class="map-drawing"
        viewBox={`0 -10 ${layout().width} ${layout().height + 40}`}
        style={{
          'min-width': `${Math.min(layout().width, 900)}px`,
          'max-width': `${layout().width * 1.25}px`,
        }}
        role="group"
        aria-label="Service map"
      >
        <defs>
          {arrow('arrow')}
          {arrow('arrow-failing')}
        </defs>
        <For each={edges()}>
          {({ edge, path }) => (
            <Edge
              edge={edge}
              path={path}
              seconds={props.seconds}
              most={most()}
              isFaded={pointed() !== undefined && edge.from !== pointed() && edge.to !== pointed()}
            />
          )}
        </For>
        <For each={[...layout().nodes.values()]}>
          {(placed) => (
            <MapNode
              placed={placed}
              incoming={props.graph.edges.filter(({ to }) => to === placed.node.id)}
              insights={open().filter(({ service }) => service.id === placed.node.id)}
              seconds={props.seconds}
              isFaded={near()?.has(placed.node.id) === false}
              onPoint={setPointed}
              onOpen={() => {
                visit(placed);
              }}
            />
          )}
        </For>
      </svg>
    </div>
  );
}

function Legend(): JSX.Element {
  const entry = (type: GraphNodeJson['type'], label: string) => (
    <li>
      <svg viewBox="-78 -26 156 52" aria-hidden="true">
        <g class="map-node">
          <Shape type={type} />
        </g>
      </svg>
      {label}
    </li>
  );
  return (
    <ul class="map-legend">
      {entry('service', 'service')}
      {entry('database', 'database')}
      {entry('messaging', 'queue or topic')}
      {entry('external', 'external host')}
      <li>
        <span class="bad">▲</span> 1 % errors or more
      </li>
      <li>
        <span class="warned">◆</span> open insights, now
      </li>
    </ul>
  );
}

/** Who calls whom: services, and the databases, queues and hosts behind them. */
export function MapPage(): JSX.Element {
  const time = createUrlTimeRange();
  const answer = createAnswer(
    () => ({ path: '/api/v1/graph', query: { from: time.range().from, to: time.range().to } }) as const,
  );
  const seconds = createMemo(() => {
    const { fromMs, toMs } = boundsOf(time.range(), answer.answeredAtMs() ?? Date.now());
    return Math.max(1, (toMs - fromMs) / 1_000);
  });
  return (
    <div class="page">
      <header class="page-head">
        <h1>Service map</h1>
        <Legend />
        <span class="grow" />
        <TimePicker />
        <RefreshButton onRefresh={answer.refetch} />
      </header>
      <div class="page-body fill">
        <div class="panel map-panel grow" aria-busy={answer.isLoading()}>
          <AnswerView
            what="The service map"
            answer={answer}
            isEmpty={(data) => data.nodes.length === 0}
            empty={
              <EmptyState title="No calls in this range">
                <p>
                  The map is drawn from spans: services appear with their first span, edges with their first
                  call.
                </p>
              </EmptyState>
            }
          >
            {(data) => <MapDrawing graph={data()} seconds={seconds()} />}
          </AnswerView>
        </div>
      </div>
    </div>
  );
}
