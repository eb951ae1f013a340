/** What the sender of a refused request is told. It is asked to try again each time. */
export const REFUSALS = {
  'window-full': 'memory is full of telemetry that waits to be archived',
  'memory-full': 'the process is near OPHION_MEMORY_MAX_BYTES',
  'in-flight-full': 'too many requests are being written',
  'journal-full': 'the journal has reached OPHION_JOURNAL_MAX_BYTES',
  'journal-unavailable': 'the journal cannot be written',
} as const;

export type RefusalReason = keyof typeof REFUSALS;

/** How long a sender should wait where nothing is measured. */
export const UNMEASURED_RETRY_MS: Readonly<Record<RefusalReason, number>> = {
  'window-full': 5_000,
  'memory-full': 5_000,
  'in-flight-full': 1_000,
  'journal-full': 10_000,
  'journal-unavailable': 10_000,
};
