import type { ChartDataset, ChartOptions, TooltipItem } from 'chart.js';
import { createEffect, on, onCleanup, onMount, type Accessor, type JSX } from 'solid-js';
import { formatDateTime, type TimeZone } from '../ui/format.ts';
import type { ChartColours } from './colours.ts';
import { marksPlugin, type Crosshair, type Marks, type Moment } from './crosshair.ts';
import { Chart } from './register.ts';
import { tickLabel, timeTicks } from './time-axis.ts';

/** `y` null is a gap and drawn as one. */
export interface ChartPoint {
  readonly x: number;
  readonly y: number | null;
}

export interface ChartSeries {
  readonly label: string;
  readonly colour: string;
  readonly points: readonly ChartPoint[];
  /** Tells series apart without their colours. */
  readonly stroke?: 'solid' | 'dashed' | 'dotted';
  /**
   * `band`: fills the area down to the series before it, which is `edge`: both without a line. `points`: marks without a line.
   */
  readonly look?: 'line' | 'edge' | 'band' | 'points';
  /** What the legend calls it; an `edge` is not in it. */
  readonly legend?: string;
  /** What the legend says beside the name instead of the newest value. */
  readonly note?: string;
}

export interface TimeChartProps {
  readonly label: string;
  readonly kind: 'line' | 'area' | 'bars';
  readonly isStacked?: boolean;
  readonly series: Accessor<readonly ChartSeries[]>;
  readonly bounds: Accessor<{ readonly fromMs: number; readonly toMs: number }>;
  readonly format: (value: number) => string;
  /** Top of the y axis at least; keeps a quiet chart from magnifying noise. */
  readonly atLeast?: number;
  readonly colours: Accessor<ChartColours>;
  readonly zone: Accessor<TimeZone>;
  readonly crosshair?: Crosshair;
  /** Deploys and the like: said in words elsewhere on the page, too. */
  readonly moments?: Accessor<readonly Moment[]>;
  readonly onZoom?: (fromMs: number, toMs: number) => void;
}

const DASHES = { solid: [], dashed: [6, 3], dotted: [2, 2] } as const;
const LEAST_DRAG_PX = 6;
const MOST_TICKS = 8;

type Dataset = ChartDataset<'line' | 'bar', { x: number; y: number | null }[]>;

function datasetOf(series: ChartSeries, wanted: TimeChartProps): Dataset {
  const shared = { label: series.label, data: series.points as { x: number; y: number | null }[] };
  if (wanted.kind === 'bars') {
    return {
      ...shared,
      type: 'bar',
      backgroundColor: series.colour,
      barPercentage: 1,
      categoryPercentage: 0.9,
    };
  }
  const look = series.look ?? 'line';
  return {
    ...shared,
    type: 'line',
    borderColor: series.colour,
    backgroundColor: look === 'points' ? series.colour : `${series.colour}2e`,
    borderDash: [...DASHES[series.stroke ?? 'solid']],
    fill: look === 'band' ? '-1' : wanted.kind === 'area' && look === 'line' ? 'origin' : false,
    borderWidth: look === 'line' ? 1.25 : 0,
    showLine: look !== 'points',
    pointRadius: look === 'points' ? 3 : 0,
    pointStyle: look === 'points' ? 'triangle' : 'circle',
    pointHitRadius: 8,
    spanGaps: false,
  };
}

function optionsOf(wanted: TimeChartProps): ChartOptions<'line' | 'bar'> {
  const colours = wanted.colours();
  const zone = wanted.zone();
  const font = { size: 11, family: getComputedStyle(document.body).fontFamily };
  const { fromMs, toMs } = wanted.bounds();
  return {
    animation: false,
    parsing: false,
    normalized: true,
    responsive: true,
    maintainAspectRatio: false,
    layout: { padding: { right: 16 } },
    interaction: { mode: 'index', axis: 'x', intersect: false },
    plugins: {
      tooltip: {
        backgroundColor: colours.surface,
        titleColor: colours.text,
        bodyColor: colours.text,
        borderColor: colours.line,
        borderWidth: 1,
        titleFont: font,
        bodyFont: font,
        filter: (item) => item.raw !== null && Number.isFinite(item.parsed.y),
        callbacks: {
          title: (items) => formatDateTime(items[0]?.parsed.x ?? 0, zone),
          label: (item: TooltipItem<'line' | 'bar'>) =>
            `${item.dataset.label ?? ''}  ${wanted.format(item.parsed.y ?? 0)}`,
        },
      },
    },
    scales: {
      x: {
        type: 'linear',
        min: fromMs,
        max: toMs,
        offset: false,
        stacked: wanted.isStacked ?? false,
        grid: { color: colours.line, drawTicks: false },
        border: { display: false },
        // Otherwise the plot's edges would follow the width of the outermost labels.
        afterFit(axis) {
          axis.paddingLeft = 0;
          axis.paddingRight = 0;
        },
        afterBuildTicks(axis) {
          axis.ticks = timeTicks(axis.min, axis.max, MOST_TICKS, zone).map((value) => ({ value }));
        },
        ticks: {
          color: colours.faint,
          font,
          maxRotation: 0,
          padding: 6,
          callback: (value) => tickLabel(Number(value), toMs - fromMs, zone),
        },
      },
      y: {
        beginAtZero: true,
        suggestedMax: wanted.atLeast ?? 0,
        stacked: wanted.isStacked ?? false,
        grid: { color: colours.line, drawTicks: false },
        border: { display: false },
        // A width of its own would move the plot whenever a label grows by a digit.
        afterFit(axis) {
          axis.width = 58;
        },
        ticks: {
          color: colours.faint,
          font,
          maxTicksLimit: 5,
          padding: 6,
          callback: (value) => wanted.format(Number(value)),
        },
      },
    },
  };
}

/** A chart over time. The Chart.js instance is made once and changed in place. */
export function TimeChart(props: TimeChartProps): JSX.Element {
  let canvas!: HTMLCanvasElement;

  onMount(() => {
    const marks: Marks = {
      ...{ at: undefined, dragFrom: undefined, moments: [] },
      ...{ line: '', fill: '', text: '', surface: '' },
    };
    const chart = new Chart<'line' | 'bar', { x: number; y: number | null }[]>(canvas, {
      type: props.kind === 'bars' ? 'bar' : 'line',
      data: { datasets: [] },
      options: optionsOf(props),
      plugins: [marksPlugin(marks)],
    });
    onCleanup(() => {
      chart.destroy();
    });

    createEffect(() => {
      const colours = props.colours();
      marks.line = colours.faint;
      marks.fill = colours.accent;
      marks.text = colours.text;
      marks.surface = colours.surface;
      marks.moments = props.moments?.() ?? [];
      chart.options = optionsOf(props);
      chart.data.datasets = props.series().map((series) => datasetOf(series, props));
      chart.update('none');
    });

    const msAt = (event: PointerEvent) => chart.scales['x']?.getValueForPixel(event.offsetX);
    const point = (ms: number | undefined) => {
      marks.at = ms;
      chart.draw();
      props.crosshair?.point(ms);
    };
    let dragStartPx = 0;
    canvas.addEventListener('pointermove', (event) => {
      point(msAt(event));
    });
    canvas.addEventListener('pointerleave', () => {
      marks.dragFrom = undefined;
      point(undefined);
    });
    canvas.addEventListener('pointerdown', (event) => {
      if (props.onZoom === undefined || event.button !== 0) return;
      marks.dragFrom = msAt(event);
      dragStartPx = event.offsetX;
    });
    canvas.addEventListener('pointerup', (event) => {
      const from = marks.dragFrom;
      const to = msAt(event);
      marks.dragFrom = undefined;
      if (from === undefined || to === undefined || Math.abs(event.offsetX - dragStartPx) < LEAST_DRAG_PX) {
        return;
      }
      props.onZoom?.(Math.min(from, to), Math.max(from, to));
    });
    createEffect(
      on(
        () => props.crosshair?.at(),
        (at) => {
          if (marks.at === at) return;
          marks.at = at;
          chart.draw();
        },
        { defer: true },
      ),
    );
  });

  return (
    <div class="chart">
      <canvas ref={canvas} role="img" aria-label={props.label} />
    </div>
  );
}
