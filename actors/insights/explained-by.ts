import type { RootCauseJson } from '../../proto/api/index.ts';
import type { CallMap } from './call-map.ts';
import type { OpenInsight } from './open-insight.ts';
import { isClear, type Trouble } from './symptom.ts';

/** Beside the likeliest cause others with so much of the blame are suspects: what begins there is the same matter. */
const LEAST_BLAME = 0.2;
/** Load does its work within so long, or it does none. */
const LOAD_WORKS_MS = 120_000;

/**
 * Whether trouble that began later is explained by the cause of an open insight: its own cause, as found in what changed since, is that
 * same one, or suffers from it along the calls. Failures and slowness go from who is called to who calls, load and the lack of it the other way.
 *
 * @param causes of the later trouble against the time just before it
 */
export function isExplained(
  { startedMs, rootCauses }: Pick<OpenInsight, 'startedMs' | 'rootCauses'>,
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

/** More or fewer requests, and neither failures nor slowness. */
function isOfVolume({ symptoms }: Trouble): boolean {
  const felt = symptoms.filter((symptom) => isClear(symptom) && symptom.series.source === 'spans');
  return felt.length > 0 && felt.every(({ series }) => series.signal === 'requests');
}
