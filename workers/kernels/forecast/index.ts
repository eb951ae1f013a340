export { type Forecast, forecast, type ForecastOptions, MOST_STEPS } from './forecast.ts';
export { MOST_POINTS, type RefusalReason } from './prepare-series.ts';
export { timeToReach } from './time-to-reach.ts';
