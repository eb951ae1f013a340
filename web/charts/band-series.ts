import type { ChartPoint, ChartSeries } from './time-chart.tsx';

/** A value each `stepMs` from a moment on; null is a gap. */
export function pointsOf(
  values: readonly (number | null)[],
  startUnixMs: number,
  stepMs: number,
): ChartPoint[] {
  return values.map((y, at) => ({ x: startUnixMs + at * stepMs, y }));
}

/** An area between two lines; its name is the upper one's, the lower has none. */
export function bandSeries(
  label: string,
  colour: string,
  lower: readonly ChartPoint[],
  upper: readonly ChartPoint[],
): readonly ChartSeries[] {
  return [
    { label: `${label}, at least`, colour, points: lower, look: 'edge' },
    { label: `${label}, at most`, colour, points: upper, look: 'band', legend: label, note: '' },
  ];
}
