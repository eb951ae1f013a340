import { useParams } from '@solidjs/router';
import { createMemo, createSignal, Index, Show, type JSX } from 'solid-js';
import type { ServiceChangeJson } from '../../../proto/api/index.ts';
import { changeLabel, createChanges } from '../../app/changes.ts';
import { usePreferences } from '../../app/preferences.tsx';
import { absoluteRange } from '../../app/time-range.ts';
import { TimePicker } from '../../app/time-picker.tsx';
import { createUrlTimeRange } from '../../app/url-state.ts';
import { withRange } from '../../app/with-range.ts';
import { ChartPanel } from '../../charts/chart-panel.tsx';
import { createChartColours } from '../../charts/colours.ts';
import { createCrosshair } from '../../charts/crosshair.ts';
import type { ChartPoint } from '../../charts/time-chart.tsx';
import { createServiceFeed, figuresOver, type RedFeed, type RedFigures } from '../../live/index.ts';
import { Swatch } from '../../ui/chips.tsx';
import { Button } from '../../ui/controls.tsx';
import { formatApdex, formatDurationMs, formatRate, formatRatio } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { parseServiceId } from '../../ui/service-id.ts';
import { InsightRibbon } from '../insights/insight-ribbon.tsx';
import { TraceShapes } from '../traces/trace-shapes.tsx';
import { ChangeList } from './change-list.tsx';
import { createExpected } from './create-expected.ts';
import { FindCause } from './find-cause.tsx';
import { expectedLines, type ExpectedFigure } from './expected-lines.ts';
import { redPoints } from './live-points.ts';
import { Operations } from './operations.tsx';
import './service.css';

const CHART_SECONDS = 900;
const FIGURE_SECONDS = 60;
const HIGH_ERROR_RATIO = 0.01;

function figureCells(figures: RedFigures | undefined) {
  if (figures === undefined) return [];
  const { rate, errorRatio, p50Ms, p95Ms, p99Ms, apdex } = figures;
  return [
    { label: 'Rate', value: formatRate(rate), isBad: false },
    { label: 'Errors', value: formatRatio(errorRatio), isBad: errorRatio >= HIGH_ERROR_RATIO },
    { label: 'p50', value: formatDurationMs(p50Ms), isBad: false },
    { label: 'p95', value: formatDurationMs(p95Ms), isBad: false },
    { label: 'p99', value: formatDurationMs(p99Ms), isBad: false },
    { label: 'Apdex', value: formatApdex(apdex), isBad: false },
  ];
}

function Figures(props: { readonly feed: RedFeed }): JSX.Element {
  const cells = createMemo(() => {
    props.feed.version();
    const whole = props.feed.store.get('');
    return figureCells(whole && figuresOver(whole, props.feed.endSecond(), FIGURE_SECONDS));
  });
  return (
    <dl class="figures" title="Over the last minute">
      <Index each={cells()}>
        {(cell) => (
          <div>
            <dt>{cell().label}</dt>
            <dd classList={{ bad: cell().isBad }}>
              <Show when={cell().isBad}>
                <Icon name="warning" />
              </Show>
              {cell().value}
            </dd>
          </div>
        )}
      </Index>
    </dl>
  );
}

function LiveCharts(props: {
  readonly feed: RedFeed;
  readonly changes: readonly ServiceChangeJson[];
  readonly service: string;
  readonly isPaused: boolean;
}): JSX.Element {
  const preferences = usePreferences();
  const time = createUrlTimeRange();
  const colours = createChartColours(preferences.theme);
  const crosshair = createCrosshair();
  let heldEnd = 0;
  const end = createMemo(() => {
    if (!props.isPaused || heldEnd === 0) {
      props.feed.version();
      heldEnd = props.feed.endSecond();
    }
    return { second: heldEnd, version: props.feed.version() };
  });
  const points = createMemo(() => {
    const { second } = end();
    const whole = props.feed.store.get('');
    return whole && redPoints(whole, second, CHART_SECONDS);
  });
  const bounds = () => ({ fromMs: (end().second - CHART_SECONDS + 1) * 1_000, toMs: end().second * 1_000 });
  const zoom = (fromMs: number, toMs: number) => {
    time.set(absoluteRange(fromMs, toMs));
  };
  const moments = createMemo(() =>
    props.changes.map((change) => ({ atMs: change.atUnixMs, label: changeLabel(change) })),
  );
  const expected = createExpected(() => props.service);
  const band = (figure: ExpectedFigure, measured: readonly ChartPoint[] = [], label = 'expected') =>
    expectedLines(expected(), figure, measured, { label, colour: colours().info });
  const learning = (figure: ExpectedFigure) => (
    <Show when={expected()?.learning.includes(figure)}>
      <span class="badge" title="Too little is known so far to say what is expected">
        learning
      </span>
    </Show>
  );
  const shared = { bounds, colours, zone: preferences.zone, crosshair, moments, onZoom: zoom };
  return (
    <div class="service-charts">
      <ChartPanel
        {...shared}
        title="Requests"
        label="Requests a second over the last 15 minutes"
        kind="area"
        atLeast={1}
        format={formatRate}
        extra={learning('requests')}
        series={() => [
          ...band('requests', points()?.rate),
          { label: 'requests', colour: colours().accent, points: points()?.rate ?? [] },
        ]}
      />
      <ChartPanel
        {...shared}
        title="Errors"
        label="Errors a second over the last 15 minutes"
        kind="area"
        atLeast={1}
        format={formatRate}
        extra={learning('errors')}
        series={() => [
          ...band('errors', points()?.errors),
          { label: 'errors', colour: colours().error, points: points()?.errors ?? [] },
        ]}
      />
      <ChartPanel
        {...shared}
        title="Latency"
        label="Latency percentiles of each second over the last 15 minutes"
        kind="line"
        format={formatDurationMs}
        extra={learning('p95')}
        series={() => [
          ...band('p95', points()?.p95, 'expected p95'),
          { label: 'p50', colour: colours().info, points: points()?.p50 ?? [], stroke: 'dotted' },
          { label: 'p95', colour: colours().accent, points: points()?.p95 ?? [] },
          { label: 'p99', colour: colours().warn, points: points()?.p99 ?? [], stroke: 'dashed' },
        ]}
      />
    </div>
  );
}

/** One service: live charts of 15 minutes above, its operations over any range below. */
function ServiceView(props: { readonly id: string }): JSX.Element {
  // oxlint-disable-next-line solid/reactivity -- the page is keyed by its service: another id makes another page
  const id = props.id;
  const feed = createServiceFeed(id);
  const changes = createChanges(() => ({ from: 'now-15m', to: 'now', service: id }));
  const parts = parseServiceId(id);
  const time = createUrlTimeRange();
  const [isPaused, setPaused] = createSignal(false);
  const link = (path: string) => withRange(path, time.range(), { service: id });
  return (
    <div class="page">
      <header class="page-head">
        <a
          class="button quiet icon-only"
          href={withRange('/', time.range())}
          aria-label="Back to all services"
        >
          <Icon name="back" />
        </a>
        <Swatch name={id} />
        <h1 class="clip">{parts.name}</h1>
        <Show when={parts.environment}>
          <span class="badge" title="deployment.environment.name">
            {parts.environment}
          </span>
        </Show>
        <Show when={parts.namespace}>
          <span class="badge" title="service.namespace">
            {parts.namespace}
          </span>
        </Show>
        <span class="grow" />
        <a class="button" href={link('/traces')}>
          Traces
        </a>
        <a class="button" href={link('/logs')}>
          Logs
        </a>
        <a class="button" href={link('/tail')}>
          Tail
        </a>
        <Button
          icon={isPaused() ? 'play' : 'pause'}
          aria-pressed={isPaused()}
          onClick={() => setPaused(!isPaused())}
        >
          {isPaused() ? 'Resume' : 'Pause'}
        </Button>
        <TimePicker />
      </header>
      <div class="page-body">
        <Show when={feed.refusal()}>
          <p class="banner error">The live figures were refused: {feed.refusal()}</p>
        </Show>
        <InsightRibbon service={id} />
        <Figures feed={feed} />
        <ChangeList changes={changes()} />
        <LiveCharts feed={feed} changes={changes()} service={id} isPaused={isPaused()} />
        <FindCause service={id} />
        <Operations service={id} feed={feed} />
        <TraceShapes service={id} />
      </div>
    </div>
  );
}

export function ServicePage(): JSX.Element {
  const params = useParams<{ service: string }>();
  return (
    <Show when={params.service} keyed>
      {(id) => <ServiceView id={id} />}
    </Show>
  );
}
