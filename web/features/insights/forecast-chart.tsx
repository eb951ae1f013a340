import { createMemo, For, Show, type JSX } from 'solid-js';
import type { SeriesForecastJson } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { usePreferences } from '../../app/preferences.tsx';
import { createChartColours } from '../../charts/colours.ts';
import { bandSeries, pointsOf } from '../../charts/band-series.ts';
import { ChartPanel } from '../../charts/chart-panel.tsx';
import type { ChartSeries } from '../../charts/time-chart.tsx';
import { formatDurationMs, formatRatio } from '../../ui/format.ts';
import { Moment } from '../../ui/moment.tsx';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import { signalFormat } from './insight-words.ts';

/** Those that weigh most. */
const MOST_MODELS = 3;

export interface ForecastChartProps {
  readonly title: string;
  readonly query: string;
  readonly unit: string;
  readonly from: string;
  readonly horizon?: string;
  readonly limit?: number;
}

function Reached(props: {
  readonly series: SeriesForecastJson;
  readonly format: (value: number) => string;
}): JSX.Element {
  return (
    <Show when={props.series.forecast?.reached}>
      {(reached) => (
        <p class="forecast-note">
          <Show
            when={reached().atUnixMs}
            fallback={`${props.format(reached().limit)} is not reached within the forecast.`}
          >
            {(atUnixMs) => (
              <>
                {props.format(reached().limit)} is reached{' '}
                <b>
                  <Moment unixMs={atUnixMs()} never="never" />
                </b>
                , with 80 % between <Moment unixMs={reached().earliestUnixMs} never="now" /> and{' '}
                <Moment unixMs={reached().latestUnixMs} never="later than shown, or never" />.
              </>
            )}
          </Show>
        </p>
      )}
    </Show>
  );
}

function Models(props: { readonly series: SeriesForecastJson }): JSX.Element {
  const text = () => {
    const models = (props.series.forecast?.models ?? []).slice(0, MOST_MODELS);
    const periods = props.series.forecast?.periodsMs ?? [];
    const seasons = periods.map((ms) => formatDurationMs(ms)).join(', ');
    const names = models.map(({ name, weight }) => `${name} ${formatRatio(weight)}`).join(', ');
    return seasons === '' ? names : `${names}; seasons of ${seasons}`;
  };
  return (
    <Show when={text() !== ''}>
      <p class="faint forecast-note">Combined of what did best on its own past, first of all {text()}.</p>
    </Show>
  );
}

function Drawing(
  props: { readonly series: SeriesForecastJson; readonly stepMs: number } & ForecastChartProps,
): JSX.Element {
  const preferences = usePreferences();
  const colours = createChartColours(preferences.theme);
  const format = createMemo(() => signalFormat(props.unit));
  const endMs = () => {
    const { startUnixMs, values, forecast } = props.series;
    return forecast
      ? forecast.startUnixMs + forecast.median.length * props.stepMs
      : startUnixMs + values.length * props.stepMs;
  };
  const lines = createMemo<readonly ChartSeries[]>(() => {
    const { startUnixMs, values, forecast } = props.series;
    const past = pointsOf(values, startUnixMs, props.stepMs);
    const limit = (): ChartSeries[] =>
      props.limit === undefined
        ? []
        : [
            {
              ...{ label: 'limit', colour: colours().error, stroke: 'dotted' },
              points: [
                { x: startUnixMs, y: props.limit },
                { x: endMs(), y: props.limit },
              ],
            },
          ];
    if (!forecast) return [{ label: 'measured', colour: colours().accent, points: past }, ...limit()];
    const ahead = (path: readonly (number | null)[]) => pointsOf(path, forecast.startUnixMs, props.stepMs);
    return [
      ...bandSeries('95 %', colours().info, ahead(forecast.lower95), ahead(forecast.upper95)),
      ...bandSeries('80 %', colours().warn, ahead(forecast.lower80), ahead(forecast.upper80)),
      { label: 'measured', colour: colours().accent, points: past },
      { label: 'forecast', colour: colours().warn, points: ahead(forecast.median), stroke: 'dashed' },
      ...limit(),
    ];
  });
  return (
    <>
      <Reached series={props.series} format={(value) => format()(value)} />
      <Show when={props.series.refusal}>
        {(refusal) => <p class="forecast-note">There is no forecast yet: {refusal().message}.</p>}
      </Show>
      <ChartPanel
        title={props.title}
        label={`${props.title}: measured, and the forecast with its intervals`}
        kind="line"
        series={lines}
        bounds={() => ({ fromMs: props.series.startUnixMs, toMs: endMs() })}
        format={(value) => format()(value)}
        colours={colours}
        zone={preferences.zone}
      />
      <Models series={props.series} />
    </>
  );
}

/** Where a query goes from here, with intervals of 80 and 95 %. */
export function ForecastChart(props: ForecastChartProps): JSX.Element {
  const query = () => ({
    query: props.query,
    from: props.from,
    horizon: props.horizon,
    limit: props.limit,
    series: 1,
  });
  const answer = createAnswer(() => ({ path: '/api/v1/metrics/forecast', query: query() }) as const);
  return (
    <AnswerView
      what="The forecast"
      answer={answer}
      isEmpty={({ series }) => series.length === 0}
      empty={
        <EmptyState title="Nothing to forecast">
          <p>The series has no points in this time. Choose a longer range.</p>
        </EmptyState>
      }
    >
      {(data) => (
        <For each={data().series}>
          {(series) => <Drawing {...props} series={series} stepMs={data().stepMs} />}
        </For>
      )}
    </AnswerView>
  );
}
