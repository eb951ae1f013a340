import { createMemo, type JSX } from 'solid-js';
import type { InsightEvidenceJson } from '../../../proto/api/index.ts';
import { usePreferences } from '../../app/preferences.tsx';
import { createChartColours } from '../../charts/colours.ts';
import { bandSeries, pointsOf } from '../../charts/band-series.ts';
import { ChartPanel } from '../../charts/chart-panel.tsx';
import type { ChartSeries } from '../../charts/time-chart.tsx';
import { signalFormat } from './insight-words.ts';

export type SignalEvidence = Extract<InsightEvidenceJson, { readonly type: 'signal' }>;

/** `latency of GET /cart` */
export function signalTitle({ name, operation, labels }: SignalEvidence): string {
  const told = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return [operation === '' ? name : `${name} of ${operation}`, ...told].join(' · ');
}

/** The values of a signal, and what was expected of them. */
export function SignalChart(props: {
  readonly evidence: SignalEvidence;
  readonly startedUnixMs: number;
}): JSX.Element {
  const preferences = usePreferences();
  const colours = createChartColours(preferences.theme);
  const format = createMemo(() => signalFormat(props.evidence.unit));
  const series = createMemo<readonly ChartSeries[]>(() => {
    const { chart } = props.evidence;
    const line = (values: readonly (number | null)[]) => pointsOf(values, chart.startUnixMs, chart.stepMs);
    const values = line(chart.values);
    const isOutside = (at: number): boolean => {
      const [value, lower, upper] = [chart.values[at], chart.lower[at], chart.upper[at]];
      if (value == null) return false;
      return (lower != null && value < lower) || (upper != null && value > upper);
    };
    const outside = values.filter(({ x }, at) => x >= props.startedUnixMs && isOutside(at));
    return [
      ...bandSeries('expected', colours().info, line(chart.lower), line(chart.upper)),
      { label: 'measured', colour: colours().accent, points: values },
      {
        label: 'abnormal',
        colour: colours().error,
        points: outside,
        look: 'points',
        note: String(outside.length),
      },
    ];
  });
  const bounds = () => {
    const { startUnixMs, stepMs, values } = props.evidence.chart;
    return { fromMs: startUnixMs, toMs: startUnixMs + Math.max(1, values.length - 1) * stepMs };
  };
  return (
    <ChartPanel
      title={signalTitle(props.evidence)}
      label={`${signalTitle(props.evidence)}: measured, and what was expected`}
      kind="line"
      series={series}
      bounds={bounds}
      format={(value) => format()(value)}
      colours={colours}
      zone={preferences.zone}
    />
  );
}
