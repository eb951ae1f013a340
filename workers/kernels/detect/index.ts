export { newChange, type Change } from './change.ts';
export { COUNT_SIZE, observeCount, startSilent } from './observe-count.ts';
export { DURATIONS_SIZE, observeDurations } from './observe-durations.ts';
export {
  ANOMALY_SCORE,
  newSeries,
  newVerdict,
  observePoint,
  SERIES_BYTES,
  silenceScore,
  type Verdict,
} from './observe-point.ts';
export { observeShare, SHARE_SIZE } from './observe-share.ts';
