import { parseServiceId } from '../../proto/columns/index.ts';
import type { CallsOfEdge } from '../topology/index.ts';
import { CellCounts } from './cell-counts.ts';
import { packTallies, type SpanTally, type Tally } from './tally-spans.ts';

/** Calls of services to services as what spans tell of: calls to a peer, which is the service. */
export function tallyEdges(calls: readonly CallsOfEdge[], cellMs: number): SpanTally {
  const tallies = calls.flatMap(({ from, to, requests, errors, durations, seconds }): Tally[] => {
    const service = parseServiceId(from.id);
    if (service === undefined) return [];
    const cells = new CellCounts(cellMs);
    for (const [second, count] of seconds) cells.add(second, count);
    return [{ service, kind: 'peer', name: to.id, peer: to, requests, errors, durations, cells }];
  });
  return { ...packTallies(tallies), exceptions: [], resources: [], attributes: [] };
}
