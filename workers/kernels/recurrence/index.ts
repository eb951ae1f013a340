export { BURST_CELL_MS, BurstRecorder, type BurstRecorderState } from './burst-recorder.ts';
export { findRecurrence, type Recurrence } from './find-recurrence.ts';
