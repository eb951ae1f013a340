import type { Chart, Plugin } from 'chart.js';
import { createSignal, type Accessor } from 'solid-js';

/** A moment that several charts point at together, and a stretch being dragged. Unix ms on the charts' x axis. */
export interface Crosshair {
  readonly at: Accessor<number | undefined>;
  readonly point: (ms: number | undefined) => void;
}

export function createCrosshair(): Crosshair {
  const [at, setAt] = createSignal<number>();
  return { at, point: setAt };
}

/** Something that happened at a moment, as a line with a few words at its top. Unix ms. */
export interface Moment {
  readonly atMs: number;
  readonly label: string;
}

export interface Marks {
  at: number | undefined;
  dragFrom: number | undefined;
  moments: readonly Moment[];
  text: string;
  surface: string;
  line: string;
  fill: string;
}

/** Draws `marks`, which its owner changes and then calls `chart.draw()`. */
export function marksPlugin(marks: Marks): Plugin {
  return {
    id: 'marks',
    afterDraw(chart: Chart) {
      const { x } = chart.scales;
      if (x === undefined) return;
      drawMoments(chart, marks);
      if (marks.at === undefined) return;
      const { ctx, chartArea } = chart;
      const at = x.getPixelForValue(marks.at);
      if (at < chartArea.left || at > chartArea.right) return;
      ctx.save();
      if (marks.dragFrom !== undefined) {
        const from = x.getPixelForValue(marks.dragFrom);
        ctx.fillStyle = marks.fill;
        ctx.globalAlpha = 0.18;
        ctx.fillRect(Math.min(from, at), chartArea.top, Math.abs(at - from), chartArea.height);
        ctx.globalAlpha = 1;
      }
      ctx.strokeStyle = marks.line;
      ctx.lineWidth = 1;
      ctx.setLineDash([3, 3]);
      ctx.beginPath();
      ctx.moveTo(at, chartArea.top);
      ctx.lineTo(at, chartArea.bottom);
      ctx.stroke();
      ctx.restore();
    },
  };
}

const FLAG_PX = 5;
const LABEL_PX = 13;
const MOST_LABEL_CHARACTERS = 16;

/** A label that would run into the one before it is left out: the line stays. */
function drawMoments(chart: Chart, { moments, text, surface }: Marks): void {
  const { x } = chart.scales;
  if (x === undefined) return;
  const { ctx, chartArea } = chart;
  let labelledTo = chartArea.left;
  ctx.save();
  ctx.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  ctx.textBaseline = 'top';
  for (const { atMs, label } of moments.toSorted((one, other) => one.atMs - other.atMs)) {
    const at = x.getPixelForValue(atMs);
    if (at < chartArea.left || at > chartArea.right) continue;
    ctx.globalAlpha = 0.7;
    ctx.fillStyle = text;
    ctx.fillRect(Math.round(at), chartArea.top, 1, chartArea.height);
    ctx.beginPath();
    ctx.moveTo(at - FLAG_PX, chartArea.top);
    ctx.lineTo(at + FLAG_PX, chartArea.top);
    ctx.lineTo(at, chartArea.top + FLAG_PX);
    ctx.fill();
    const shown =
      label.length > MOST_LABEL_CHARACTERS ? `${label.slice(0, MOST_LABEL_CHARACTERS - 1)}…` : label;
    const width = ctx.measureText(shown).width;
    const from = at + FLAG_PX + width > chartArea.right ? at - FLAG_PX - width - 2 : at + FLAG_PX + 2;
    if (from < labelledTo) continue;
    // Lines of the chart run behind it.
    ctx.globalAlpha = 0.85;
    ctx.fillStyle = surface;
    ctx.fillRect(from - 2, chartArea.top, width + 4, LABEL_PX);
    ctx.globalAlpha = 1;
    ctx.fillStyle = text;
    ctx.fillText(shown, from, chartArea.top + 1);
    labelledTo = from + width + FLAG_PX;
  }
  ctx.restore();
}
