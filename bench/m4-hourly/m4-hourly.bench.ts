import { runM4 } from '../forecast/run-m4.ts';

/**
 * 48 hours ahead of 207 hourly series of the M4 competition (Makridakis et al. 2020): OWA of the median; MSIS and ACD of the 95 %
 * interval. `--data DIR`: `DIR/{dev,heldout}/` with training and test values, `DIR/common/` with the published tables.
 */
export function run(args: readonly string[]): Promise<Record<string, unknown>> {
  return runM4(args, {
    benchCase: 'm4-hourly',
    frequency: 'Hourly',
    set: { horizon: 48, period: 24, intervalSeconds: 3_600 },
    rivals: [
      'sNaive',
      'Theta',
      'ETS',
      'ARIMA',
      'Smyl',
      'Montero-Manso',
      'Pawlikowski',
      'Petropoulos',
      'Doornik',
    ],
    published: {
      dev: { Naive2: { smape: 18.224, mase: 2.432 }, sNaive: { owa: 0.637 }, Theta: { owa: 1.004 } },
      heldout: { Naive2: { smape: 18.541, mase: 2.358 }, sNaive: { owa: 0.618 }, Theta: { owa: 1.007 } },
    },
  });
}
