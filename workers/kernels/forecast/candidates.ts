import { autoregression, cycleLags, neighbourLags } from './autoregression.ts';
import { fitTheta, thetaForecast } from './dynamic-theta.ts';
import { fitSmoothing, smoothedForecast, type SmoothingModel } from './exponential-smoothing.ts';
import { piecewiseLine } from './piecewise-line.ts';
import type { SeriesView, ViewKind } from './series-view.ts';

/** One way to forecast. */
export interface Candidate {
  readonly name: string;
  readonly view: ViewKind;
  /** What takes long to find and changes little from origin to origin: `start` from what an earlier part had. */
  readonly fit: (view: SeriesView, start?: Float64Array) => Float64Array;
  /** On the scale of the series; `fitted` may come from an earlier part of it. */
  readonly forecast: (view: SeriesView, fitted: Float64Array, horizon: number) => Float64Array;
}

type Method = Pick<Candidate, 'fit' | 'forecast'>;

const NOTHING = new Float64Array(0);
const SLOPE_DAMPING = 0.98;
const LEVEL_ONLY: SmoothingModel = { hasTrend: false, seasons: [], hasMemory: false };
const DAMPED: SmoothingModel = { hasTrend: true, seasons: [], hasMemory: true };

const seasonalAutoregression = withoutFit((view, horizon) => {
  const lags = neighbourLags(view.values.length, view.periods.lags);
  return view.restore(autoregression(view.values, { isDifferenced: false, lags, ridge: 1e-4 }, horizon));
});

const longAutoregression = withoutFit((view, horizon) => {
  const lags = cycleLags(view.values.length, view.periods.lags);
  return view.restore(autoregression(view.values, { isDifferenced: false, lags, ridge: 1e-4 }, horizon));
});

const differencedAutoregression = withoutFit((view, horizon) => {
  const lags = neighbourLags(view.values.length, view.periods.lags);
  return view.restore(autoregression(view.values, { isDifferenced: true, lags, ridge: 1e-3 }, horizon));
});

const adjustedAutoregression = withoutFit((view, horizon) => {
  const lags = neighbourLags(view.values.length, []);
  return view.restoreAdjusted(
    autoregression(view.adjusted, { isDifferenced: false, lags, ridge: 1e-4 }, horizon),
  );
});

const seasonalSmoothing: Method = {
  fit: (view, start) => fitSmoothing(view.values, seasonalModel(view), start),
  forecast: (view, rates, horizon) =>
    view.restore(smoothedForecast(view.values, seasonalModel(view), rates, horizon)),
};

const dampedTrend: Method = {
  fit: (view, start) => fitSmoothing(view.adjusted, DAMPED, start),
  forecast: (view, rates, horizon) =>
    view.restoreAdjusted(smoothedForecast(view.adjusted, DAMPED, rates, horizon)),
};

const dynamicTheta: Method = {
  fit: (view, start) => fitTheta(view.adjusted, start),
  forecast: (view, point, horizon) => view.restoreAdjusted(thetaForecast(view.adjusted, point, horizon)),
};

/** The last slope goes on, damped, from where the smoothed distance to the line has come to: after a jump the line is elsewhere. */
const bentLine = withoutFit((view, horizon) => {
  const { fitted, slope } = piecewiseLine(view.adjusted);
  const distances = view.adjusted.map((value, row) => value - (fitted[row] ?? 0));
  const distance = smoothedForecast(distances, LEVEL_ONLY, BENT_LINE_RATE, 1)[0] ?? 0;
  let value = (fitted.at(-1) ?? 0) + distance;
  return view.restoreAdjusted(
    Float64Array.from({ length: horizon }, (_, step) => {
      value += slope * SLOPE_DAMPING ** (step + 1);
      return value;
    }),
  );
});
const BENT_LINE_RATE = Float64Array.of(0.3);

const naive = withoutFit((view, horizon) =>
  view.restoreAdjusted(new Float64Array(horizon).fill(view.adjusted.at(-1) ?? 0)),
);

/**
 * What is worth validating: chosen on public series by leaving out what the combination does not miss (decisions/0013). A view in
 * logarithms falls back to the plain one where the series is not above 0.
 */
const SEASONAL: readonly (readonly [name: string, method: Method, view: string])[] = [
  ['seasonal autoregression', seasonalAutoregression, 'plain'],
  ['seasonal autoregression', seasonalAutoregression, 'log'],
  ['seasonal autoregression', seasonalAutoregression, 'log winsorised'],
  ['long autoregression', longAutoregression, 'winsorised'],
  ['long autoregression', longAutoregression, 'winsorised echo'],
  ['differenced autoregression', differencedAutoregression, 'plain'],
  ['differenced autoregression', differencedAutoregression, 'log winsorised'],
  ['adjusted autoregression', adjustedAutoregression, 'log'],
  ['adjusted autoregression', adjustedAutoregression, 'winsorised echo'],
  ['seasonal smoothing', seasonalSmoothing, 'log'],
  ['seasonal smoothing', seasonalSmoothing, 'winsorised echo'],
  ['damped trend', dampedTrend, 'plain'],
  ['damped trend', dampedTrend, 'winsorised echo'],
  ['theta', dynamicTheta, 'plain'],
  ['bent line', bentLine, 'log winsorised'],
];

const PLAIN: readonly (readonly [name: string, method: Method, view: string])[] = [
  ['damped trend', dampedTrend, 'plain'],
  ['theta', dynamicTheta, 'plain'],
  ['autoregression', seasonalAutoregression, 'plain'],
  ['differenced autoregression', differencedAutoregression, 'plain'],
  ['bent line', bentLine, 'plain'],
  ['naive', naive, 'plain'],
];

export interface SeriesTraits {
  readonly isPositive: boolean;
  readonly hasPeriods: boolean;
  /** Whether the longest period has too few cycles for a profile. */
  readonly hasEcho: boolean;
}

export function candidatesFor(traits: SeriesTraits): Candidate[] {
  const seasonal = traits.hasPeriods ? SEASONAL : [];
  const all = [
    ...seasonal.map((row) => candidate(row, true, traits)),
    ...PLAIN.map((row) => candidate(row, false, traits)),
  ];
  const unique = new Map(all.filter((one) => one !== undefined).map((one) => [one.name, one]));
  return [...unique.values()];
}

function candidate(
  [name, method, words]: readonly [name: string, method: Method, view: string],
  isSeasonal: boolean,
  { isPositive, hasEcho }: SeriesTraits,
): Candidate | undefined {
  const view: ViewKind = {
    isLogarithmic: words.includes('log') && isPositive,
    isWinsorised: words.includes('winsorised'),
    hasEcho: words.includes('echo'),
    isSeasonal,
  };
  if (view.hasEcho && !hasEcho) return undefined;
  const traits = [
    isSeasonal ? 'seasons' : '',
    view.isLogarithmic ? 'log' : '',
    view.isWinsorised ? 'winsorised' : '',
    view.hasEcho ? 'echo' : '',
  ].filter((word) => word !== '');
  return { name: [name, ...traits].join(' · '), view, ...method };
}

function withoutFit(forecast: (view: SeriesView, horizon: number) => Float64Array): Method {
  return { fit: () => NOTHING, forecast: (view, _, horizon) => forecast(view, horizon) };
}

function seasonalModel({ seasons }: SeriesView): SmoothingModel {
  return { hasTrend: false, seasons, hasMemory: true };
}
