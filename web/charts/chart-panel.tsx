import { For, type JSX } from 'solid-js';
import { TimeChart, type ChartSeries, type TimeChartProps } from './time-chart.tsx';
import './charts.css';

/** A chart with its title and a legend that names each line, shows its stroke and its newest value. */
export function ChartPanel(
  props: TimeChartProps & { readonly title: string; readonly extra?: JSX.Element },
): JSX.Element {
  const shown = () => props.series().filter(({ look }) => look !== 'edge');
  const newest = ({ note, points }: ChartSeries) => {
    if (note !== undefined) return note;
    const last = points[points.length - 1]?.y;
    return last == null ? '–' : props.format(last);
  };
  return (
    <section class="panel chart-panel" aria-label={props.title}>
      <header class="panel-head">
        <h2>{props.title}</h2>
        <span class="grow" />
        {props.extra}
        <ul class="legend">
          <For each={shown()}>
            {(series) => (
              <li>
                <span
                  class={`stroke ${series.look ?? series.stroke ?? 'solid'}`}
                  aria-hidden="true"
                  style={{ 'border-color': series.colour }}
                />
                {series.legend ?? series.label} <b>{newest(series)}</b>
              </li>
            )}
          </For>
        </ul>
      </header>
      <TimeChart {...props} />
    </section>
  );
}
