/** A share of the caller's trouble that the callee explains, 0 to 1. Indices into the list of services. */
export interface ExplainedEdge {
  readonly caller: number;
  readonly callee: number;
  readonly explained: number;
}

/** Enough for any chain of calls; in a cycle whose members explain each other the blame stays where it then is. */
const MOST_STEPS = 64;
const LEAST_MOVED = 1e-9;

/**
 * A walk that starts at every service with that service's own strength and goes down to the callees that explain it, until it is at
 * one that nothing below explains (MonitorRank, Kim et al. 2013, and MicroRCA, Wu et al. 2020, walk so; here steps are what is
 * explained, in place of correlations, and the walk ends). Total blame equals total strength. O(steps · edges).
 */
export function passBlame(strengths: Float64Array, edges: readonly ExplainedEdge[]): Float64Array {
  const outgoing = new Float64Array(strengths.length);
  for (const { caller, explained } of edges) outgoing[caller] = (outgoing[caller] ?? 0) + explained;
  const blame = new Float64Array(strengths.length);
  let walking = strengths.slice();
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const next = new Float64Array(strengths.length);
    for (const { caller, callee, explained } of edges) {
      const share = explained / Math.max(1, outgoing[caller] ?? 0);
      next[callee] = (next[callee] ?? 0) + share * (walking[caller] ?? 0);
    }
    let moved = 0;
    for (let index = 0; index < blame.length; index += 1) {
      const stays = 1 - Math.min(1, outgoing[index] ?? 0);
      blame[index] = (blame[index] ?? 0) + stays * (walking[index] ?? 0);
      moved += next[index] ?? 0;
    }
    walking = next;
    if (moved < LEAST_MOVED) break;
  }
  return blame.map((value, index) => value + (walking[index] ?? 0));
}
