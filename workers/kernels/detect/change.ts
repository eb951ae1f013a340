/** Written by the tests of counts, owned by the caller. */
export interface Change {
  /** How much likelier the recent course is under the best alternative than under what was learned, in nats; 0 while learning. */
  evidence: number;
  /** Unix ms of when it most likely began. */
  sinceMs: number;
  /** Of late, and as learned, in the unit of the series. */
  observed: number;
  expected: number;
  isLearning: boolean;
}

/** A record of nothing yet, no method; to be written by the tests again and again, so that no cell makes an object. O(1). */
export function newChange(): Change {
  return { evidence: 0, sinceMs: 0, observed: 0, expected: 0, isLearning: true };
}
