import { createEffect, onMount, type Accessor, type JSX } from 'solid-js';
import { slotOf, type RedSeries } from '../live/index.ts';
import type { ChartColours } from './colours.ts';

/**
 * Requests a second over `seconds` up to `endSecond`, one value a pixel column: the highest second that falls into
 * it, -1 where nothing is known (before the series began). `errors` is the number of errors of those seconds.
 */
export function sparkColumns(
  series: RedSeries,
  endSecond: number,
  seconds: number,
  columns: number,
): { readonly peaks: Float64Array; readonly errors: Float64Array; readonly highest: number } {
  const peaks = new Float64Array(columns).fill(-1);
  const errors = new Float64Array(columns);
  let highest = 0;
  for (let back = seconds - 1; back >= 0; back--) {
    const second = endSecond - back;
    if (second < series.firstSecond) continue;
    const column = Math.min(columns - 1, Math.floor(((seconds - 1 - back) / seconds) * columns));
    const slot = slotOf(series, second);
    const requests = slot < 0 ? 0 : (series.requests[slot] ?? 0);
    peaks[column] = Math.max(peaks[column] ?? -1, requests);
    if (slot >= 0) errors[column] = (errors[column] ?? 0) + (series.errors[slot] ?? 0);
    highest = Math.max(highest, requests);
  }
  return { peaks, errors, highest };
}

/** The context of a canvas that has as many pixels as the screen shows of it; undefined while it has none. */
function fittedContext(canvas: HTMLCanvasElement): CanvasRenderingContext2D | undefined {
  const width = Math.round(canvas.clientWidth * window.devicePixelRatio);
  const height = Math.round(canvas.clientHeight * window.devicePixelRatio);
  if (width === 0 || height === 0) return undefined;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return canvas.getContext('2d') ?? undefined;
}

function paint(
  canvas: HTMLCanvasElement,
  series: RedSeries,
  endSecond: number,
  seconds: number,
  colours: ChartColours,
  momentsMs: readonly number[],
) {
  const context = fittedContext(canvas);
  if (context === undefined) return;
  const { width, height } = canvas;
  const line = window.devicePixelRatio;
  context.clearRect(0, 0, width, height);
  const columns = Math.max(1, Math.floor(width / 2));
  const { peaks, errors, highest } = sparkColumns(series, endSecond, seconds, columns);
  const step = width / columns;
  const usable = height - 2 * line;
  for (let column = 0; column < columns; column++) {
    const peak = peaks[column] ?? -1;
    if (peak < 0) continue;
    const tall = Math.max(line, highest === 0 ? 0 : (peak / highest) * usable);
    const isBad = (errors[column] ?? 0) > 0;
    context.fillStyle = isBad ? colours.error : colours.accent;
    context.globalAlpha = isBad ? 1 : 0.75;
    context.fillRect(column * step, height - tall, Math.max(1, step - 0.5), tall);
  }
  context.globalAlpha = 1;
  context.fillStyle = colours.text;
  const flag = 3 * window.devicePixelRatio;
  for (const momentMs of momentsMs) {
    const at = ((momentMs / 1_000 - (endSecond - seconds)) / seconds) * width;
    if (at < 0 || at > width) continue;
    context.fillRect(Math.round(at), 0, line, height);
    context.beginPath();
    context.moveTo(at - flag, 0);
    context.lineTo(at + flag, 0);
    context.lineTo(at, flag);
    context.fill();
  }
}

/**
 * A canvas of its own for each row, painted in place whenever `version` changes. Red columns held an error; a flag stands at each of the
 * moments, Unix ms.
 */
export function Sparkline(props: {
  readonly series: Accessor<RedSeries | undefined>;
  readonly endSecond: () => number;
  readonly seconds: number;
  readonly version: Accessor<number>;
  readonly colours: Accessor<ChartColours>;
  readonly momentsMs?: readonly number[];
  readonly label: string;
}): JSX.Element {
  let canvas!: HTMLCanvasElement;
  onMount(() => {
    createEffect(() => {
      props.version();
      const series = props.series();
      if (series === undefined) return;
      paint(canvas, series, props.endSecond(), props.seconds, props.colours(), props.momentsMs ?? []);
    });
  });
  return <canvas ref={canvas} class="sparkline" role="img" aria-label={props.label} />;
}
