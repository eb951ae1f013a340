export {
  ANOMALY_SCORE,
  type DetectorName,
  newSeries,
  newVerdict,
  observePoint,
  SERIES_BYTES,
  silenceScore,
  type Verdict,
} from './observe-point.ts';
