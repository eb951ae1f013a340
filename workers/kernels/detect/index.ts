export {
  ANOMALY_SCORE,
  type DetectorName,
  newSeries,
  newVerdict,
  observePoint,
  SERIES_BYTES,
  type Verdict,
} from './observe-point.ts';
