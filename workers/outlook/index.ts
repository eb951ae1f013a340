export { expectedBand, type ExpectedBand } from './expected-band.ts';
export { forecastSeries, type SeriesForecast } from './forecast-series.ts';
export { type LoadCurve, saturationCurves } from './saturation-curves.ts';
