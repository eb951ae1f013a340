/** Memory of a heap is apart from that of a container: a collector of garbage fills it before it begins. */
export type SizedResource = 'cpu' | 'memory' | 'heap' | 'connections';

/** What was seen of a resource in some minutes; of several instances together. Cores, bytes, connections or, without `isAbsolute`, shares. */
export interface UsageObservation {
  /** Of each instance at each time that it was reported. */
  readonly usage: Float64Array;
  /** Of an instance; the largest where they differ. */
  readonly limit: number | undefined;
  /** What is kept for it, used or not: the request, or the connections that are open. */
  readonly reserved: number | undefined;
  readonly instances: number;
  /** Times (periods of the scheduler, points of a pool) it was asked whether somebody had to wait, and times somebody had to. */
  readonly looked: number;
  readonly pressed: number;
  /** Waits for a connection and uses of one, and the seconds that they took. */
  readonly waits: number;
  readonly waitSeconds: number;
  readonly uses: number;
  readonly useSeconds: number;
}

/** An hour in which something was seen: a plain list, as it is kept. */
export type UsageHour = readonly [
  /** Since 1970. */
  hour: number,
  peak: number,
  points: number,
  /** Of them at nine tenths of the limit or above. */
  near: number,
  looked: number,
  pressed: number,
  waits: number,
  waitSeconds: number,
  uses: number,
  useSeconds: number,
];

/** Plain data: it is kept as JSON. */
export interface UsageHistory {
  readonly limit: number | null;
  readonly reserved: number | null;
  /** Of the last observation. */
  readonly instances: number;
  /** Oldest first, `MOST_HOURS` at most. */
  readonly hours: readonly UsageHour[];
  /** Of each day (since 1970) counts by bucket of usage: see `usageBucket`. */
  readonly days: readonly { readonly day: number; readonly counts: readonly (readonly [number, number])[] }[];
}

export type SizeVerdict = 'too-large' | 'too-small';

export interface SizeJudgement {
  readonly verdict: SizeVerdict;
  /** What would do, of an instance. */
  readonly suggested: number;
  /** What is kept for an instance now: the request, or else the limit. */
  readonly current: number;
  /** NaN where no point was seen. */
  readonly median: number;
  readonly p99: number;
  readonly peak: number;
  /** From the first hour to the last, and those of them with points. */
  readonly spanHours: number;
  readonly hoursSeen: number;
  readonly instances: number;
  /** Of `too-small`: how it shows. */
  readonly sign: 'held-back' | 'near-limit' | 'waits' | undefined;
  /** Of periods, points or times of use, as the sign is. */
  readonly signShare: number;
  /** Of waits, in the mean. */
  readonly waitSeconds: number;
}
