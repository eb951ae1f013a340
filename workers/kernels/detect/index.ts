export {
  ANOMALY_SCORE,
  newSeries,
  newVerdict,
  observePoint,
  SERIES_BYTES,
  silenceScore,
  type Verdict,
} from './observe-point.ts';
