import { Match, Show, Switch, type JSX } from 'solid-js';
import type { GraphEdgeJson, GraphNodeJson, InsightJson } from '../../../proto/api/index.ts';
import { formatRate, formatRatio } from '../../ui/format.ts';
import { colourVar } from '../../ui/series-colour.ts';
import { serviceLabel } from '../../ui/service-id.ts';
import { NODE_HEIGHT, NODE_WIDTH, type PlacedNode } from '../../ui/layered-graph.ts';

export const HIGH_ERROR_RATIO = 0.01;
const [HALF_WIDTH, HALF_HEIGHT] = [NODE_WIDTH / 2, NODE_HEIGHT / 2];
const LONGEST_NAME = 17;

const shortened = (name: string) =>
  name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;

/** Services are boxes, databases cylinders, queues slanted boxes, external hosts dashed boxes. */
export function Shape(props: { readonly type: GraphNodeJson['type'] }): JSX.Element {
  const [w, h] = [HALF_WIDTH, HALF_HEIGHT];
  return (
    <Switch fallback={<rect class="shape" x={-w} y={-h} width={2 * w} height={2 * h} rx="8" />}>
      <Match when={props.type === 'database'}>
        <path
          class="shape"
          d={`M${-w} ${-h + 6} A${w} 6 0 0 1 ${w} ${-h + 6} V${h - 6} A${w} 6 0 0 1 ${-w} ${h - 6} Z M${-w} ${-h + 6} A${w} 6 0 0 0 ${w} ${-h + 6}`}
        />
      </Match>
      <Match when={props.type === 'messaging'}>
        <path class="shape" d={`M${-w + 12} ${-h} H${w} L${w - 12} ${h} H${-w} Z`} />
      </Match>
      <Match when={props.type === 'external'}>
        <rect class="shape dashed" x={-w} y={-h} width={2 * w} height={2 * h} rx="20" />
      </Match>
    </Switch>
  );
}

export function MapNode(props: {
  readonly placed: PlacedNode<GraphNodeJson>;
  readonly incoming: readonly GraphEdgeJson[];
  /** What holds of it now, the worst first. */
  readonly insights: readonly InsightJson[];
  readonly seconds: number;
  readonly isFaded: boolean;
  readonly onPoint: (id: string | undefined) => void;
  readonly onOpen: () => void;
}): JSX.Element {
  const node = () => props.placed.node;
  const requests = () => props.incoming.reduce((sum, edge) => sum + edge.requests, 0);
  const errors = () => props.incoming.reduce((sum, edge) => sum + edge.errors, 0);
  const ratio = () => (requests() === 0 ? 0 : errors() / requests());
  const isService = () => node().type === 'service';
  const figures = () =>
    props.incoming.length === 0
      ? 'entry'
      : `${formatRate(requests() / props.seconds)} · ${formatRatio(ratio())}`;
  const insightText = () => {
    const count = props.insights.length;
    return count === 0 ? '' : `, ${count} open ${count === 1 ? 'insight' : 'insights'}`;
  };
  const name = () => (isService() ? serviceLabel(node().id) : `${node().type} ${node().name}`);
  return (
    <g
      class="map-node"
      classList={{
        faded: props.isFaded,
        failing: ratio() >= HIGH_ERROR_RATIO,
        abnormal: props.insights.length > 0,
        service: isService(),
      }}
      transform={`translate(${props.placed.x} ${props.placed.y})`}
      role={isService() ? 'link' : 'img'}
      tabindex="0"
      aria-label={`${name()}: ${figures()} errors of calls to it${insightText()}`}
      onPointerEnter={() => {
        props.onPoint(node().id);
      }}
      onPointerLeave={() => {
        props.onPoint(undefined);
      }}
      onFocus={() => {
        props.onPoint(node().id);
      }}
      onBlur={() => {
        props.onPoint(undefined);
      }}
      onClick={() => {
        props.onOpen();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') props.onOpen();
      }}
    >
      <title>{[name(), ...props.insights.map(({ title }) => title)].join('\n')}</title>
      <Shape type={node().type} />
      <Show when={isService()}>
        <rect
          class="node-stripe"
          x={-HALF_WIDTH}
          y={-HALF_HEIGHT + 8}
          width="4"
          height={NODE_HEIGHT - 16}
          rx="1"
          style={{ fill: colourVar(node().id) }}
        />
      </Show>
      <text class="node-name" y="-3">
        {shortened(node().name)}
      </text>
      <text class="node-figures" y="13">
        {ratio() >= HIGH_ERROR_RATIO ? '▲ ' : ''}
        {figures()}
      </text>
      <Show when={props.insights.length > 0}>
        <g
          class="node-insights"
          classList={{ critical: props.insights[0]?.severity === 'critical' }}
          transform={`translate(${HALF_WIDTH - 4} ${-HALF_HEIGHT + 2})`}
          aria-hidden="true"
        >
          <path d="M0 -11 L11 0 L0 11 L-11 0 Z" />
          <text y="4">{props.insights.length}</text>
        </g>
      </Show>
    </g>
  );
}
