import type { ApiAnswers, ExpectedBandJson } from '../../../proto/api/index.ts';
import { bandSeries } from '../../charts/band-series.ts';
import type { ChartPoint, ChartSeries } from '../../charts/time-chart.tsx';

export type ExpectedFigures = ApiAnswers['/api/v1/services/:service/expected'];
export type ExpectedFigure = ExpectedFigures['learning'][number];

type Step = ExpectedFigures['steps'][number];

const BAND_OF: Readonly<Record<ExpectedFigure, (step: Step) => ExpectedBandJson | null>> = {
  requests: ({ requests }) => requests,
  errors: ({ errors }) => errors,
  p95: ({ p95Ms }) => p95Ms,
};

/**
 * The band of a figure at the points of the line that it stands behind, for the reader's sake and the chart's: points at the same place
 * are read together. The newest step goes on until there is another.
 */
export function expectedLines(
  figures: ExpectedFigures | undefined,
  figure: ExpectedFigure,
  measured: readonly ChartPoint[],
  { label, colour }: { readonly label: string; readonly colour: string },
): readonly ChartSeries[] {
  const steps = figures?.steps ?? [];
  const first = steps[0]?.startUnixMs;
  if (figures === undefined || first === undefined || measured.length === 0) return [];
  if (!steps.some((step) => BAND_OF[figure](step) !== null)) return [];
  const bands = measured.map(({ x }) => {
    const step = steps[Math.min(steps.length - 1, Math.floor((x - first) / figures.stepMs))];
    return { x, band: step === undefined ? null : BAND_OF[figure](step) };
  });
  return bandSeries(
    label,
    colour,
    bands.map(({ x, band }) => ({ x, y: band?.lower ?? null })),
    bands.map(({ x, band }) => ({ x, y: band?.upper ?? null })),
  );
}
