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
  if (known.signal !== 'requests' && failsElsewhere(later, known, suspects, calls)) return false;
  if (suspects.some(({ service }) => isSamePlace(service.id, own, calls))) return true;
  if (comesOfNoSlowness(known, cause, members.values())) return false;
  const isBelow = calls.coneOf([known.service.id]).has(own);
  if (cause.signal === 'requests' || later.every(isOfVolume)) return isBelow;
  if (known.signal !== 'requests') return calls.coneOf([own]).has(known.service.id);
  const sinceMs = Math.min(...later.map((trouble) => trouble.sinceMs));
  return isBelow && sinceMs - startedMs < LOAD_WORKS_MS;
}

/** Whether what fails does so at places that neither are suspects nor depend on the cause: that is seen at once, whatever else is off. */
function failsElsewhere(
  later: readonly Trouble[],
  known: RootCauseJson,
  suspects: readonly RootCauseJson[],
  calls: CallMap,
): boolean {
  const origins = originsOfFailures(later);
  return (
    origins.length > 0 &&
    origins.every(
      (origin) =>
        !suspects.some(({ service }) => isSamePlace(service.id, origin, calls)) &&
        !calls.coneOf([origin]).has(known.service.id),
    )
  );
}

/** What failing services call in vain, else themselves, and none that is seen to call in vain itself. */
function originsOfFailures(later: readonly Trouble[]): readonly string[] {
  const inVain = new Map<string, Set<string>>();
  for (const { serviceId, symptoms } of later) {
    const failing = symptoms.filter(
      (symptom) =>
        isClear(symptom) && symptom.series.source === 'spans' && symptom.series.signal === 'errors',
    );
    if (failing.length === 0) continue;
    const called = failing.map(({ series }) => series.peer).filter((peer) => peer !== '');
    inVain.set(serviceId, new Set(called));
  }
  const places = [...inVain].flatMap(([service, called]) => (called.size === 0 ? [service] : [...called]));
  return [...new Set(places)].filter((place) => (inVain.get(place)?.size ?? 0) === 0);
}

/** A service, and what it alone calls and which sends nothing itself, cannot be told apart for sure. */
function isSamePlace(one: string, other: string, calls: CallMap): boolean {
  return one === other || isOnlyOf(one, other, calls) || isOnlyOf(other, one, calls);
}

function isOnlyOf(called: string, caller: string, calls: CallMap): boolean {
  if (!calls.isVirtual(called) || !calls.calls(caller, called)) return false;
  return calls.edges.every((edge) => edge.callee !== called || edge.caller === caller);
}

/** Failures that come of slowness, where nothing is slow enough to be given up. */
function comesOfNoSlowness(known: RootCauseJson, own: RootCauseJson, members: Iterable<Trouble>): boolean {
  return own.signal === 'errors' && known.signal === 'latency' && !isLong(members);
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
