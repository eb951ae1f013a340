import type { BlameEdge } from './pass-blame.ts';

/** Services in a path, so that it stays readable and bounded; what lies deeper has the path of itself alone. */
const MOST_SERVICES = 32;

/**
 * For every service the way that blame took to it from the symptom's, both included; itself alone where none came that way.
 *
 * A tree is grown from the symptom, each time by the edge that carried most blame out of it (Prim's rule), so each service has one
 * path, paths share their beginnings, and cycles cannot loop. Indices into the list of services. O(services · edges).
 *
 * @param symptom -1 where it is unknown
 */
export function blamePaths(services: number, edges: readonly BlameEdge[], symptom: number): number[][] {
  const paths = Array.from({ length: services }, (_, index) => [index]);
  const reached = new Set(symptom < 0 ? [] : [symptom]);
  const strongestFirst = edges
    .filter(({ carried }) => carried > 0)
    .sort((one, other) => other.carried - one.carried);
  const isOut = ({ caller, callee }: BlameEdge): boolean =>
    reached.has(caller) && !reached.has(callee) && (paths[caller]?.length ?? 0) < MOST_SERVICES;
  for (;;) {
    const strongest = strongestFirst.find(isOut);
    if (strongest === undefined) return paths;
    const { caller, callee } = strongest;
    reached.add(callee);
    paths[callee] = [...(paths[caller] ?? []), callee];
  }
}
