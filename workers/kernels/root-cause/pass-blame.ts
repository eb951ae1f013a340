/** A share of the caller's trouble that the callee explains, 0 to 1. Indices into the list of services. */
export interface ExplainedEdge {
  readonly caller: number;
  readonly callee: number;
  readonly explained: number;
}

/** With the blame that went by it from the caller to the callee, in the unit of strengths. */
export interface BlameEdge extends ExplainedEdge {
  readonly carried: number;
}

export interface PassedBlame {
  /** By service. */
  readonly blame: Float64Array;
  /** Those given, in their order. */
  readonly edges: readonly BlameEdge[];
}

/** Enough for any chain of calls; in a cycle whose members explain each other the blame stays where it then is. */
const MOST_STEPS = 64;
const LEAST_MOVED = 1e-9;

/**
 * A walk that starts at every service with that service's own strength and goes down to the callees that explain it, until it is at
 * one that nothing below explains (MonitorRank, Kim et al. 2013, and MicroRCA, Wu et al. 2020, walk so; here steps are what is
 * explained, in place of correlations, and the walk ends). Total blame equals total strength. O(steps · edges).
 */
export function passBlame(strengths: Float64Array, edges: readonly ExplainedEdge[]): PassedBlame {
  const outgoing = new Float64Array(strengths.length);
  for (const { caller, explained } of edges) outgoing[caller] = (outgoing[caller] ?? 0) + explained;
  const blame = new Float64Array(strengths.length);
  const carried = new Float64Array(edges.length);
  let walking = strengths.slice();
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const next = new Float64Array(strengths.length);
    for (const [index, { caller, callee, explained }] of edges.entries()) {
      const share = explained / Math.max(1, outgoing[caller] ?? 0);
      const passed = share * (walking[caller] ?? 0);
      next[callee] = (next[callee] ?? 0) + passed;
      carried[index] = (carried[index] ?? 0) + passed;
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
  return {
    blame: blame.map((value, index) => value + (walking[index] ?? 0)),
    edges: edges.map((edge, index) => ({ ...edge, carried: carried[index] ?? 0 })),
  };
}
