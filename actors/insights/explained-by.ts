import type { RootCauseJson } from '../../proto/api/index.ts';
import type { CallMap } from './call-map.ts';
import type { OpenInsight } from './open-insight.ts';
import { isClear, type Trouble } from './symptom.ts';

/** Beside the likeliest cause others with so much of the blame are suspects: what begins there is the same matter. */
const LEAST_BLAME = 0.2;
/** Load does its work within so long, or it does none. */
const LOAD_WORKS_MS = 120_000;
/** What is waited for no longer than this is not given up: slowness that stays below makes nothing fail. Nanoseconds. */
const GIVEN_UP_AFTER = 250e6;

/** Questions about one insight that are asked without delay, and how long further ones wait for their turn. */
const ASKED_AT_ONCE = 12;
const ASKED_EVERY_MS = 10_000;

/**
 * Whether it may be asked now if later trouble is of an insight; counts it when so. Each question is an analysis, and an insight of many services
 * has many: what comes beyond waits, since it would be lost in the insight if it were taken to be of it unasked.
 */
export function takesTurn(insight: Pick<OpenInsight, 'decided' | 'decidedMs'>, nowMs: number): boolean {
  if (insight.decided >= ASKED_AT_ONCE && nowMs - insight.decidedMs < ASKED_EVERY_MS) return false;
  insight.decided += 1;
  insight.decidedMs = nowMs;
  return true;
}

/**
 * Whether trouble that began later is explained by the cause of an open insight: its own cause, as found in what changed since, is that
 * same one, or suffers from it along the calls. Failures and slowness go from who is called to who calls, load and the lack of it the other way.
 *
 * @param causes of the later trouble against the time just before it
 */
export function isExplained(
  { startedMs, rootCauses, members }: Pick<OpenInsight, 'startedMs' | 'rootCauses' | 'members'>,
  later: readonly Trouble[],
  causes: readonly RootCauseJson[],
  calls: CallMap,
): boolean {
  const [known, ...others] = rootCauses;
  const [cause] = causes;
  if (cause === undefined || known === undefined) return true;
  const own = cause.service.id;
  const suspects = [known, ...others.filter(({ score }) => score >= LEAST_BLAME)];
  if (suspects.some(({ service }) => isSamePlace(service.id, own, calls))) return true;
  if (cause.signal === 'errors' && known.signal === 'latency' && !isLong(members.values())) return false;
  const isBelow = calls.coneOf([known.service.id]).has(own);
  if (cause.signal === 'requests' || later.every(isOfVolume)) return isBelow;
  if (known.signal !== 'requests') return calls.coneOf([own]).has(known.service.id);
  const sinceMs = Math.min(...later.map((trouble) => trouble.sinceMs));
  return isBelow && sinceMs - startedMs < LOAD_WORKS_MS;
}

/** A service, and what it alone calls and which sends nothing itself, cannot be told apart for sure. */
function isSamePlace(one: string, other: string, calls: CallMap): boolean {
  return one === other || isOnlyOf(one, other, calls) || isOnlyOf(other, one, calls);
}

function isOnlyOf(called: string, caller: string, calls: CallMap): boolean {
  if (!calls.isVirtual(called) || !calls.calls(caller, called)) return false;
  return calls.edges.every((edge) => edge.callee !== called || edge.caller === caller);
}

/** Whether anything takes so long that who waits for it may give up. */
function isLong(troubles: Iterable<Trouble>): boolean {
  for (const { symptoms } of troubles) {
    for (const { series } of symptoms) {
      if (series.signal === 'latency' && series.observed >= GIVEN_UP_AFTER) return true;
    }
  }
  return false;
}

/** More or fewer requests, and neither failures nor slowness. */
function isOfVolume({ symptoms }: Trouble): boolean {
  const felt = symptoms.filter((symptom) => isClear(symptom) && symptom.series.source === 'spans');
  return felt.length > 0 && felt.every(({ series }) => series.signal === 'requests');
}
