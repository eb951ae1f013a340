import type { Verdicts } from '../ports/index.ts';

/** Why a tick, or a part of one, came to nothing. */
export const MISS_REASONS = ['deadline', 'overloaded', 'failed'] as const;
export type MissReason = (typeof MISS_REASONS)[number];

/** Of what there was more than is watched: services, series of any kind, troubles that no insight had room for. */
export const CROWDED_REASONS = ['services', 'series', 'insights'] as const;
export type CrowdedOut = Record<(typeof CROWDED_REASONS)[number], number>;

/** How things stand. */
export interface InsightsState {
  readonly series: number;
  readonly open: number;
  /** Insights that the store has not taken yet. */
  readonly waiting: number;
  /** What people said of all insights that are kept. */
  readonly verdicts: Verdicts;
}

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
  /** What came and was not watched, since as many are watched as there is room for. */
  readonly crowdedOut: CrowdedOut;
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
    crowdedOut: { services: 0, series: 0, insights: 0 },
  };
}
