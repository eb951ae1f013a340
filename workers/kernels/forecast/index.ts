export { type ModelWeight } from './combine.ts';
export { type Forecast, forecast, type ForecastOptions, MOST_STEPS } from './forecast.ts';
export { MOST_POINTS, type Refusal, type RefusalReason } from './prepare-series.ts';
export { timeToReach, type TimeToReach } from './time-to-reach.ts';
