export { newChange, type Change } from './change.ts';
export { expectedRequests, type Expectation, type OperationState } from './expected-requests.ts';
export { COUNT_SIZE, observeCount, settleCount, startSilent } from './observe-count.ts';
export { DURATIONS_SIZE, observeDurations, settleDurations } from './observe-durations.ts';
export {
  ANOMALY_SCORE,
  newSeries,
  newVerdict,
  observePoint,
  SERIES_BYTES,
  silenceScore,
  type Verdict,
} from './observe-point.ts';
export { observeShare, settleShare, SHARE_SIZE } from './observe-share.ts';
