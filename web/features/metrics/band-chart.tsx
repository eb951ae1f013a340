import { createMemo, For, Show, type JSX } from 'solid-js';
import type { SeriesBandJson } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { usePreferences } from '../../app/preferences.tsx';
import { absoluteRange } from '../../app/time-range.ts';
import { createUrlTimeRange } from '../../app/url-state.ts';
import { bandSeries, pointsOf } from '../../charts/band-series.ts';
import { ChartPanel } from '../../charts/chart-panel.tsx';
import { createChartColours } from '../../charts/colours.ts';
import type { ChartSeries } from '../../charts/time-chart.tsx';
import { AnswerView, EmptyState } from '../../ui/states.tsx';

export interface BandChartProps {
  readonly title: string;
  readonly query: string;
  readonly format: (value: number) => string;
}

function Drawing(
  props: BandChartProps & { readonly series: SeriesBandJson; readonly stepMs: number },
): JSX.Element {
  const preferences = usePreferences();
  const time = createUrlTimeRange();
  const colours = createChartColours(preferences.theme);
  const lines = createMemo<readonly ChartSeries[]>(() => {
    const { startUnixMs, values, lower, upper, anomalies } = props.series;
    const line = (path: readonly (number | null)[]) => pointsOf(path, startUnixMs, props.stepMs);
    return [
      ...bandSeries('expected', colours().info, line(lower), line(upper)),
      { label: 'measured', colour: colours().accent, points: line(values) },
      {
        ...{ label: 'abnormal', colour: colours().error, look: 'points', note: String(anomalies.length) },
        points: anomalies.map(({ unixMs, observed }) => ({ x: unixMs, y: observed })),
      },
    ];
  });
  const bounds = () => {
    const { startUnixMs, values } = props.series;
    return { fromMs: startUnixMs, toMs: startUnixMs + Math.max(1, values.length - 1) * props.stepMs };
  };
  return (
    <>
      <Show when={props.series.learning > 0}>
        <p class="faint metric-about">
          The first {props.series.learning} values of the range were learned from: nothing was expected of
          them.
        </p>
      </Show>
      <ChartPanel
        title={props.title}
        label={`${props.title}: measured, and what was expected`}
        kind="line"
        series={lines}
        bounds={bounds}
        format={props.format}
        colours={colours}
        zone={preferences.zone}
        onZoom={(fromMs, toMs) => {
          time.set(absoluteRange(fromMs, toMs));
        }}
      />
    </>
  );
}

/** What was expected of a query's first series over the range, and which values were abnormal. */
export function BandChart(props: BandChartProps): JSX.Element {
  const time = createUrlTimeRange();
  const answer = createAnswer(() => {
    const { from, to } = time.range();
    return { path: '/api/v1/metrics/band', query: { from, to, query: props.query, series: 1 } } as const;
  });
  return (
    <AnswerView
      what="The expected band"
      answer={answer}
      isEmpty={({ series }) => series.length === 0}
      empty={
        <EmptyState title="Nothing to expect">
          <p>There are no points in this range. Choose a longer one.</p>
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
