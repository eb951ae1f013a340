/** Why a tick, or a part of one, came to nothing. */
export const MISS_REASONS = ['deadline', 'overloaded', 'failed'] as const;
export type MissReason = (typeof MISS_REASONS)[number];

/** What the engine says of itself. */
export interface InsightCounters {
  ticks: number;
  /** Ticks that came while the one before was still at work. */
  skippedTicks: number;
  /** Batches that were let go because too many waited. */
  droppedBatches: number;
  opened: number;
  closed: number;
  analyses: number;
  readonly missed: Record<MissReason, number>;
  /** Log records whose pattern was not looked for, and points that were not read. */
  unreadLogs: number;
  unreadPoints: number;
}

export function newInsightCounters(): InsightCounters {
  return {
    ticks: 0,
    skippedTicks: 0,
    droppedBatches: 0,
    opened: 0,
    closed: 0,
    analyses: 0,
    missed: { deadline: 0, overloaded: 0, failed: 0 },
    unreadLogs: 0,
    unreadPoints: 0,
  };
}
