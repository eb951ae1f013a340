import { createMemo, For, Show, type JSX } from 'solid-js';
import type { MetricJson, MetricSeriesJson } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { usePreferences } from '../../app/preferences.tsx';
import { absoluteRange, boundsOf } from '../../app/time-range.ts';
import { createUrlTimeRange } from '../../app/url-state.ts';
import { createChartColours } from '../../charts/colours.ts';
import { TimeChart, type ChartSeries } from '../../charts/time-chart.tsx';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import { drawnOf, seriesLabel, valuesOf, type Drawn } from './series-values.ts';
import { formatterOf } from './unit.ts';
import '../../charts/charts.css';

const MOST_DRAWN = 12;
const STROKES = ['solid', 'dashed', 'dotted'] as const;
const TITLES: Readonly<Record<Drawn, string>> = {
  value: 'value',
  rate: 'increase a second',
  mean: 'mean of each interval',
  quantile: 'highest quantile sent',
};

function Drawing(props: {
  readonly metric: MetricJson;
  readonly series: readonly MetricSeriesJson[];
}): JSX.Element {
  const preferences = usePreferences();
  const time = createUrlTimeRange();
  const colours = createChartColours(preferences.theme);
  const format = createMemo(() => formatterOf(props.metric.unit, drawnOf(props.metric)));
  const lines = createMemo<readonly ChartSeries[]>(() => {
    const palette = colours().series;
    return props.series.slice(0, MOST_DRAWN).map((series, at) => ({
      label: seriesLabel(series),
      colour: palette[at % palette.length] ?? colours().accent,
      stroke: STROKES[Math.floor(at / 4) % STROKES.length] ?? 'solid',
      points: valuesOf(series),
    }));
  });
  const newest = (line: ChartSeries) => line.points.findLast(({ y }) => y !== null)?.y;
  return (
    <>
      <div class="metric-plot">
        <TimeChart
          label={`${props.metric.name} over time`}
          kind="line"
          series={lines}
          bounds={() => boundsOf(time.range(), Date.now())}
          format={(value) => format()(value)}
          colours={colours}
          zone={preferences.zone}
          onZoom={(fromMs, toMs) => {
            time.set(absoluteRange(fromMs, toMs));
          }}
        />
      </div>
      <ul class="series-list">
        <For each={lines()}>
          {(line) => (
            <li>
              <span
                class={`stroke ${line.stroke ?? 'solid'}`}
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
      </header>
      <p class="faint metric-about">{props.metric.description}</p>
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
        {(data) => <Drawing metric={props.metric} series={data().series} />}
      </AnswerView>
    </section>
  );
}
