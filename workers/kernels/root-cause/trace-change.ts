import type { SpanEvidence } from './evidence-input.ts';

/** What a service adds to a request by itself, against the healthy stretch. */
export interface TraceChange {
  readonly service: string;
  /** Share of all added time that is its own, 0 to 1, weighed down where little was added at all. */
  readonly slowness: number;
  /** Added own time a span, in the unit of the spans. */
  readonly addedPerSpan: number;
  /** Where most of it was added. */
  readonly operation: string;
  /** Own errors (of spans without failing children) a span, above the healthy share. */
  readonly ownErrors: number;
}

interface Tally {
  count: number;
  selfTime: number;
  ownErrors: number;
}

/** Of a gap between a client's span and the server's below it, each end gets half: the network belongs to both. */
const SHARE_OF_GAP = 0.5;
/** Comparing all siblings with each other takes a bound. */
const MOST_SIBLINGS = 256;

/**
 * Self time of spans (duration less the union of their children, as gprof has it: Graham, Kessler & McKusick 1982) and errors that no
 * child has, by service and operation, against the healthy stretch. Where siblings overlap, time is the later one's: the earlier waits
 * for it. Time between a call and its service counts half for either end. O(n log n).
 */
export function traceChanges(
  normal: readonly SpanEvidence[],
  abnormal: readonly SpanEvidence[],
): Map<string, TraceChange> {
  const before = tallySpans(normal);
  const during = tallySpans(abnormal);
  const byService = new Map<
    string,
    { added: number; count: number; worst: number; operation: string; errors: number }
  >();
  let totalAdded = 0;
  let totalUsual = 0;
  for (const [service, operations] of during) {
    const sum = { added: 0, count: 0, worst: 0, operation: '', errors: 0 };
    for (const [operation, tally] of operations) {
      const usual = before.get(service)?.get(operation);
      if (usual === undefined) continue;
      const added = tally.selfTime - (usual.selfTime / usual.count) * tally.count;
      totalUsual += (usual.selfTime / usual.count) * tally.count;
      sum.added += added;
      sum.count += tally.count;
      sum.errors += Math.max(0, tally.ownErrors - (usual.ownErrors / usual.count) * tally.count);
      if (added > sum.worst) {
        sum.worst = added;
        sum.operation = operation;
      }
    }
    totalAdded += Math.max(0, sum.added);
    byService.set(service, sum);
  }
  // How much slower requests became at all: small shifts of a healthy system are no evidence.
  const weight = totalAdded / (totalAdded + totalUsual || 1);
  return new Map(
    [...byService].map(([service, { added, count, operation, errors }]) => [
      service,
      {
        service,
        slowness: totalAdded > 0 ? (Math.max(0, added) / totalAdded) * weight : 0,
        addedPerSpan: count === 0 ? 0 : added / count,
        operation,
        ownErrors: count === 0 ? 0 : errors / count,
      },
    ]),
  );
}

function tallySpans(spans: readonly SpanEvidence[]): Map<string, Map<string, Tally>> {
  const children = new Map<string, SpanEvidence[]>();
  for (const span of spans) {
    if (span.parent === '') continue;
    const siblings = children.get(span.parent);
    if (siblings === undefined) children.set(span.parent, [span]);
    else if (siblings.length < MOST_SIBLINGS) siblings.push(span);
  }
  const result = new Map<string, Map<string, Tally>>();
  for (const span of spans) {
    if (!Number.isFinite(span.start) || !Number.isFinite(span.duration)) continue;
    const below = children.get(span.id) ?? [];
    const later = (children.get(span.parent) ?? []).filter(
      (sibling) => sibling.start > span.start && sibling.start < span.start + span.duration,
    );
    const selfTime = selfTimeOf(span, later.length === 0 ? below : [...below, ...later]);
    const remote = below.find(({ service }) => service !== span.service);
    const own = tallyOf(result, span.service, span.operation);
    own.count += 1;
    own.selfTime += remote === undefined ? selfTime : selfTime * (1 - SHARE_OF_GAP);
    if (span.isError && !below.some(({ isError }) => isError)) own.ownErrors += 1;
    if (remote !== undefined) {
      const gap = tallyOf(result, remote.service, `calls of ${remote.operation}`);
      gap.count += 1;
      gap.selfTime += selfTime * SHARE_OF_GAP;
    }
  }
  return result;
}

function tallyOf(tallies: Map<string, Map<string, Tally>>, service: string, operation: string): Tally {
  let operations = tallies.get(service);
  if (operations === undefined) tallies.set(service, (operations = new Map<string, Tally>()));
  let tally = operations.get(operation);
  if (tally === undefined) operations.set(operation, (tally = { count: 0, selfTime: 0, ownErrors: 0 }));
  return tally;
}

/** Children may overlap and may outlive their parent. */
function selfTimeOf({ start, duration }: SpanEvidence, children: readonly SpanEvidence[]): number {
  const end = start + duration;
  let covered = 0;
  let reached = start;
  for (const child of [...children].sort((one, other) => one.start - other.start)) {
    const from = Math.max(reached, child.start);
    const to = Math.min(end, child.start + child.duration);
    if (to > from) {
      covered += to - from;
      reached = to;
    }
  }
  return Math.max(0, duration - covered);
}
