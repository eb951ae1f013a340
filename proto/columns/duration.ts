/**
 * Durations are counted in logarithmic buckets: bucket `i` holds (γ^(i-1), γ^i] ns, bucket 0 everything up to 1 ns.
 * Taking 2γ^i / (γ + 1) for its content errs by at most (γ - 1) / (γ + 1) = 0.99 % (DDSketch, VLDB 2019).
 */
export const DURATION_GAMMA = 1.02;
/** 2^63 ns falls into bucket 2,206. */
export const DURATION_BUCKETS = 2_208;
