import type { RootCauseJson } from '../../proto/api/index.ts';
import type { CallMap } from './call-map.ts';
import type { OpenInsight } from './open-insight.ts';
import type { Trouble } from './symptom.ts';

/** Causes with less of the blame are suspects, and explain nothing. */
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
  const known = rootCauses.filter(({ score }, rank) => rank === 0 || score >= LEAST_BLAME);
  const [cause] = causes;
  if (cause === undefined || known.length === 0) return true;
  const own = cause.service.id;
  const ids = known.map(({ service }) => service.id);
  if (ids.some((id) => isSamePlace(id, own, calls))) return true;
  if (later.every(isOfVolume)) return calls.coneOf(ids).has(own);
  if (known[0]?.signal === 'requests') {
    const sinceMs = Math.min(...later.map((trouble) => trouble.sinceMs));
    return sinceMs - startedMs < LOAD_WORKS_MS && calls.coneOf(ids).has(own);
  }
  const depended = calls.coneOf([own]);
  return ids.some((id) => depended.has(id));
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
  const felt = symptoms.filter(({ series }) => series.source === 'spans');
  return felt.length > 0 && felt.every(({ series }) => series.signal === 'requests');
}
