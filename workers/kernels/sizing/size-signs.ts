import type { SizedResource, SizeJudgement, UsageHistory, UsageHour } from './sizing-input.ts';

/** What is too small is seen in the last hours, and forgotten as fast when it is mended. */
const RECENT_HOURS = 6;
const LEAST_POINTS = 30;
const NEAR_SHARE = 0.05;
const HELD_BACK_SHARE = 0.1;
const PENDING_SHARE = 0.05;
const LEAST_WAITS = 100;
/** Waits that are shorter, in the mean, are those of handing a connection over. */
const LEAST_WAIT_SECONDS = 0.01;
/** Of the time that a connection is used for. */
const LEAST_WAIT_OF_USE = 0.2;
/** A pool is the cause of waits when this much of it is in use, at its busiest. */
const BUSY_POOL = 0.9;

export type SizeSign = Pick<SizeJudgement, 'sign' | 'signShare' | 'waitSeconds'>;

/** How it shows that a resource is too small; `undefined`: it does not. */
export function signOf(resource: SizedResource, { hours, limit }: UsageHistory): SizeSign | undefined {
  const last = hours.at(-1)?.[0] ?? 0;
  const recent = hours.filter(([hour]) => hour > last - RECENT_HOURS);
  if (resource === 'connections') return poolSign(recent, limit);
  const [points, near] = [sumOf(recent, 2), sumOf(recent, 3)];
  const [looked, pressed] = [sumOf(recent, 4), sumOf(recent, 5)];
  if (looked >= LEAST_POINTS && pressed >= HELD_BACK_SHARE * looked) {
    return { sign: 'held-back', signShare: pressed / looked, waitSeconds: 0 };
  }
  const canBeNear = resource !== 'heap' && limit !== null;
  if (canBeNear && points >= LEAST_POINTS && near >= NEAR_SHARE * points) {
    return { sign: 'near-limit', signShare: near / points, waitSeconds: 0 };
  }
  return undefined;
}

function poolSign(recent: readonly UsageHour[], limit: number | null): SizeSign | undefined {
  const peak = recent.reduce((most, hour) => Math.max(most, hour[1]), 0);
  // Waits of a pool that is far from full are for connections to be made.
  if (limit !== null && sumOf(recent, 2) > 0 && peak < BUSY_POOL * limit) return undefined;
  const [looked, pressed] = [sumOf(recent, 4), sumOf(recent, 5)];
  const waits = sumOf(recent, 6);
  const wait = meanOf(sumOf(recent, 7), waits);
  if (looked >= LEAST_POINTS && pressed >= PENDING_SHARE * looked) {
    return { sign: 'waits', signShare: pressed / looked, waitSeconds: wait };
  }
  const use = meanOf(sumOf(recent, 9), sumOf(recent, 8));
  const isLong = wait >= Math.max(LEAST_WAIT_SECONDS, LEAST_WAIT_OF_USE * use);
  return waits >= LEAST_WAITS && isLong ? { sign: 'waits', signShare: 0, waitSeconds: wait } : undefined;
}

function sumOf(hours: readonly UsageHour[], at: number): number {
  return hours.reduce((total, hour) => total + (hour[at] ?? 0), 0);
}

function meanOf(sum: number, count: number): number {
  return count === 0 ? 0 : sum / count;
}
