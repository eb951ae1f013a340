import { createMemo, For, lazy, Show, Suspense, type JSX } from 'solid-js';
import type { MetricJson, MetricSeriesJson, ServiceChangeJson } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { changeText, createChanges } from '../../app/changes.ts';
import { usePreferences } from '../../app/preferences.tsx';
import { absoluteRange, boundsOf } from '../../app/time-range.ts';
import { createUrlText, createUrlTimeRange } from '../../app/url-state.ts';
import { createChartColours } from '../../charts/colours.ts';
import { TimeChart, type ChartSeries } from '../../charts/time-chart.tsx';
import { Button } from '../../ui/controls.tsx';
import { AnswerView, EmptyState, Loading } from '../../ui/states.tsx';
import { InsightRibbon } from '../insights/insight-ribbon.tsx';
import { promqlOf } from './promql-of.ts';
import { drawnOf, seriesLabel, valuesOf, type Drawn } from './series-values.ts';
import { formatterOf } from './unit.ts';
import '../../charts/charts.css';

const BandChart = lazy(async () => ({ default: (await import('./band-chart.tsx')).BandChart }));
const ForecastChart = lazy(async () => ({
  default: (await import('../insights/forecast-chart.tsx')).ForecastChart,
}));

type Outlook = 'band' | 'forecast';
const FORECAST_FROM = 'now-7d';
const ratePer = (unit: string): string => (unit === 'By' ? 'By/s' : '/s');

const MOST_DRAWN = 12;
const STROKES = ['solid', 'dashed', 'dotted'] as const;
const TITLES: Readonly<Record<Drawn, string>> = {
  value: 'value',
  rate: 'increase a second',
  mean: 'mean of each interval',
  quantile: 'highest quantile sent',
};

const deployLabel = ({ service, version }: ServiceChangeJson): string => `${service.name} ${version}`;

function Drawing(props: {
  readonly metric: MetricJson;
  readonly service: string;
  readonly series: readonly MetricSeriesJson[];
}): JSX.Element {
  const preferences = usePreferences();
  const time = createUrlTimeRange();
  const colours = createChartColours(preferences.theme);
  const format = createMemo(() => formatterOf(props.metric.unit, drawnOf(props.metric)));
  const lines = createMemo<readonly ChartSeries[]>(() => {
    const palette = colours().series;
    return props.series.map((series, at) => ({
      label: seriesLabel(series),
      colour: palette[at % palette.length] ?? colours().accent,
      stroke: STROKES[Math.floor(at / 4) % STROKES.length] ?? 'solid',
      points: valuesOf(series),
    }));
  });
  const drawn = createMemo(() => lines().slice(0, MOST_DRAWN));
  const deploys = createChanges(() => ({
    ...time.range(),
    kind: 'deploy',
    ...(props.service !== '' && { service: props.service }),
  }));
  const moments = createMemo(() =>
    deploys().map((deploy) => ({ atMs: deploy.atUnixMs, label: deployLabel(deploy) })),
  );
  const inWords = () =>
    [
      `${props.metric.name} over time`,
      ...deploys().map((deploy) => `${deploy.service.name}: ${changeText(deploy, preferences.zone())}`),
    ].join('. ');
  const newest = (line: ChartSeries) => line.points.findLast(({ y }) => y !== null)?.y;
  return (
    <>
      <div class="metric-plot">
        <TimeChart
          label={inWords()}
          kind="line"
          series={drawn}
          bounds={() => boundsOf(time.range(), Date.now())}
          format={(value) => format()(value)}
          colours={colours}
          zone={preferences.zone}
          moments={moments}
          onZoom={(fromMs, toMs) => {
            time.set(absoluteRange(fromMs, toMs));
          }}
        />
      </div>
      <ul class="series-list">
        <For each={lines()}>
          {(line, at) => (
            <li
              title={
                at() < MOST_DRAWN ? undefined : 'Not drawn: choose a service, or see its newest value here'
              }
            >
              <span
                class={`stroke ${line.stroke ?? 'solid'}`}
                classList={{ undrawn: at() >= MOST_DRAWN }}
                aria-hidden="true"
                style={{ 'border-color': line.colour }}
              />
              <span class="clip mono grow" title={line.label}>
                {line.label}
              </span>
              <b>{format()(newest(line) ?? NaN)}</b>
            </li>
          )}
        </For>
      </ul>
    </>
  );
}

export function MetricChart(props: { readonly metric: MetricJson; readonly service: string }): JSX.Element {
  const time = createUrlTimeRange();
  const answer = createAnswer(() => {
    const { from, to } = time.range();
    const query = { from, to, name: props.metric.name, service: props.service, limit: 100 };
    return { path: '/api/v1/metrics/series', query } as const;
  });
  const count = () => answer.data()?.series.length ?? 0;
  const outlook = createUrlText('outlook');
  const query = createMemo(() => promqlOf(props.metric, props.service));
  const toggle = (shown: Outlook, label: string) => (
    <Button
      small
      aria-pressed={outlook.value() === shown}
      onClick={() => {
        outlook.set(outlook.value() === shown ? '' : shown);
      }}
    >
      {label}
    </Button>
  );
  return (
    <section class="panel metric-panel" aria-label={props.metric.name}>
      <header class="panel-head">
        <h2 class="mono">{props.metric.name}</h2>
        <span class="faint">{TITLES[drawnOf(props.metric)]}</span>
        <span class="grow" />
        <Show when={count() > MOST_DRAWN}>
          <span class="badge warn">
            {MOST_DRAWN} of {answer.data()?.more === true ? `more than ${count()}` : count()} series drawn
          </span>
        </Show>
        <Show when={query()}>
          {toggle('band', 'Expected band')}
          {toggle('forecast', 'Forecast')}
        </Show>
      </header>
      <p class="faint metric-about">{props.metric.description}</p>
      <InsightRibbon metric={props.metric.name} service={props.service} />
      <AnswerView
        what="The series"
        answer={answer}
        isEmpty={(data) => data.series.length === 0}
        empty={
          <EmptyState title="No points in this range">
            <p>The metric is known, but sent nothing in this time. Choose a longer range.</p>
          </EmptyState>
        }
      >
        {(data) => <Drawing metric={props.metric} service={props.service} series={data().series} />}
      </AnswerView>
      <Show when={query()}>
        {(wanted) => (
          <Suspense fallback={<Loading what="the chart" rows={3} />}>
            <div class="metric-outlook">
              <Show when={outlook.value() === 'band'}>
                <BandChart
                  title={`Expected: ${wanted().what}`}
                  query={wanted().promql}
                  format={formatterOf(props.metric.unit, drawnOf(props.metric))}
                />
              </Show>
              <Show when={outlook.value() === 'forecast'}>
                <ForecastChart
                  title={`Forecast: ${wanted().what}`}
                  query={wanted().promql}
                  unit={drawnOf(props.metric) === 'rate' ? ratePer(props.metric.unit) : props.metric.unit}
                  from={FORECAST_FROM}
                />
              </Show>
            </div>
          </Suspense>
        )}
      </Show>
    </section>
  );
}
