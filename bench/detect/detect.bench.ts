import { newSeries, newVerdict, observePoint, SERIES_BYTES } from '../../workers/kernels/detect/index.ts';
import { number, readOptions } from '../read-options.ts';
import { rootCausesCost } from './root-causes-cost.ts';
import { watchCost } from './watch-cost.ts';

const ROUNDS = 5;
const POINTS_A_ROUND = 40;
const WARM_UP_POINTS = 100;
const INTERVAL_MS = 10_000;
const DAY_POINTS = 8_640;

/** What a point of a series costs on one core, while the points of many series come interleaved, as they do at the end of an interval. */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const { series: count } = readOptions(args, { series: number(10_000, 'series at once') });
  const buffer = new ArrayBuffer(count * SERIES_BYTES);
  const states = Array.from({ length: count }, (_, index) => newSeries(buffer, index * SERIES_BYTES));
  const verdict = newVerdict();
  let step = 0;
  let anomalies = 0;
  const observe = (steps: number): number => {
    const startMs = performance.now();
    for (const end = step + steps; step < end; step += 1) {
      const wave = Math.sin((2 * Math.PI * step) / DAY_POINTS);
      for (let index = 0; index < count; index += 1) {
        const value = (index % 97) + 10 * wave + Math.random() + (Math.random() < 0.001 ? 50 : 0);
        observePoint(states[index] ?? states[0] ?? newSeries(), step * INTERVAL_MS, value, verdict);
        if (verdict.isOnset) anomalies += 1;
      }
    }
    return (1_000 * (performance.now() - startMs)) / (steps * count);
  };
  observe(WARM_UP_POINTS);
  const rounds = Array.from({ length: ROUNDS }, () => observe(POINTS_A_ROUND)).sort((a, b) => a - b);
  return {
    usPerPoint: rounds[Math.floor(ROUNDS / 2)],
    series: count,
    bytesPerSeries: SERIES_BYTES,
    onsetsPerThousandPoints: (1_000 * anomalies) / (step * count),
    ...(await watchCost(count)),
    ...(await rootCausesCost()),
    rivals: { Netdata: 'all metrics each second; no figure a point is published' },
  };
}
