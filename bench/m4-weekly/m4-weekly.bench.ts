import { runM4 } from '../forecast/run-m4.ts';

/** 13 weeks ahead of the weekly series of the M4 competition; as `m4-hourly`. */
export function run(args: readonly string[]): Promise<Record<string, unknown>> {
  return runM4(args, {
    benchCase: 'm4-weekly',
    frequency: 'Weekly',
    set: { horizon: 13, period: 1, intervalSeconds: 604_800 },
    rivals: [
      'SES',
      'Damped',
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
      dev: { Naive2: { smape: 9.537, mase: 2.915 }, Theta: { owa: 0.975 }, SES: { owa: 0.977 } },
      heldout: { Naive2: { smape: 8.783, mase: 2.639 }, Theta: { owa: 0.967 }, SES: { owa: 0.973 } },
    },
  });
}
