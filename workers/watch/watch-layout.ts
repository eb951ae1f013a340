import { COUNT_SIZE, DURATIONS_SIZE, SERIES_BYTES, SHARE_SIZE } from '../kernels/detect/index.ts';
import { POINT_TEST_SIZE } from './point-test.ts';

/** How a series is tested: failures among requests, durations, counts of events, or values as they are. */
export const TEST_KINDS = ['share', 'durations', 'count', 'point'] as const;
export type TestKind = (typeof TEST_KINDS)[number];

/** Doubles of one series. */
export const TEST_SIZES: Readonly<Record<TestKind, number>> = {
  share: SHARE_SIZE,
  durations: DURATIONS_SIZE,
  count: COUNT_SIZE,
  point: POINT_TEST_SIZE + SERIES_BYTES / Float64Array.BYTES_PER_ELEMENT,
};

/** Series whose state is in one buffer. */
export const SERIES_A_CHUNK = 128;

/** States of all series, shared with the threads: `SERIES_A_CHUNK` series a buffer. Series i is in buffer ⌊i / SERIES_A_CHUNK⌋. */
export type SharedStates = Readonly<Record<TestKind, readonly SharedArrayBuffer[]>>;

export function newChunk(kind: TestKind): SharedArrayBuffer {
  return new SharedArrayBuffer(SERIES_A_CHUNK * TEST_SIZES[kind] * Float64Array.BYTES_PER_ELEMENT);
}
