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

export interface Marks {
  at: number | undefined;
  dragFrom: number | undefined;
  line: string;
  fill: string;
}

/** Draws `marks`, which its owner changes and then calls `chart.draw()`. */
export function marksPlugin(marks: Marks): Plugin {
  return {
    id: 'marks',
    afterDraw(chart: Chart) {
      const { x } = chart.scales;
      if (x === undefined || marks.at === undefined) return;
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
