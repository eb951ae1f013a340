import { callersOf, subjectOf, type Caller, type CallSpan } from './call-groups.ts';
import { statementSigns } from './statement.ts';
import { TipTally, type Finding } from './tip-tally.ts';
import type { Tip, TipTrace } from './tip-input.ts';

/** So many equal calls of one operation are more than a loop that somebody meant. */
const REPEATS = 5;
/** Calls that wait for each other leave gaps of no more than so much of their operation, or so many ms. */
const GAP_SHARE = 0.05;
const GAP_MS = 1;
/** A call of so many ms is slow, for a database. */
const SLOW_MS = 100;
const LARGE_BYTES = 1_000_000;
/** Of lookups, that a cache in good use finds. */
const USUAL_HITS = 0.9;
const LEAST_LOOKUPS = 20;

/** Fewer may be chance. */
const LEAST_SHOWN = 5;
const LEAST_SHARE_OF_OPERATIONS = 0.1;
/** Of an operation's time; less is not worth anybody's. */
const LEAST_SAVING = 0.05;
const LEAST_RETRY_SHARE = 0.05;

/**
 * What operations could do with less, from their traces: equal calls in a loop (N+1 queries, chatty calls), independent reads one after
 * another, slow statements, calls that are tried again, a cache that seldom has it, large payloads. A saving is the most that could be had:
 * equal calls as one that takes as long as the longest, reads in a row as long as the slowest, failed attempts not made.
 *
 * Anti-patterns after Smith & Williams (Software Performance AntiPatterns, 2000: "Circuitous Treasure Hunt", "Empty Semi Trucks") and
 * Chen et al. (Detecting performance anti-patterns for ORM applications, ICSE 2014). Nothing depends on names of services or operations.
 * O(spans · log spans); deterministic.
 */
export function findTraceTips(traces: readonly TipTrace[]): Tip[] {
  const tally = new TipTally();
  const lookups = new CacheLookups();
  for (const trace of traces) {
    for (const caller of callersOf(trace)) {
      const { service, operation, duration } = caller.span;
      tally.look(service, operation, duration);
      for (const finding of findingsOf(caller)) tally.add(finding);
      lookups.add(caller);
    }
  }
  for (const finding of lookups.findings()) tally.add(finding);
  return tally.tips(isWorthSaying);
}

function isWorthSaying({ category, shown, looked, savingShare, figures }: Tip): boolean {
  if (category === 'cache-misses') return savingShare >= LEAST_SAVING;
  if (shown < LEAST_SHOWN || shown < LEAST_SHARE_OF_OPERATIONS * looked) {
    // Retries hurt where they are seldom, too.
    return category === 'retries' && shown >= LEAST_SHOWN && shown >= LEAST_RETRY_SHARE * looked;
  }
  if (category === 'large-payloads' || category === 'retries') return true;
  if (category === 'slow-statement') return (figures['meanMs'] ?? 0) >= SLOW_MS;
  return savingShare >= LEAST_SAVING;
}

function findingsOf(caller: Caller): Finding[] {
  const groups = groupBySubject(caller.calls);
  const findings: Finding[] = [];
  const repeated = new Set<CallSpan>();
  for (const [subject, calls] of groups) {
    const retry = retriesOf(caller, subject, calls);
    if (retry) findings.push(retry);
    else if (calls.length >= REPEATS) {
      findings.push(repeatsOf(caller, subject, calls));
      for (const call of calls) repeated.add(call);
    }
    const slow = slowStatementOf(caller, subject, calls);
    if (slow) findings.push(slow);
    const large = largePayloadOf(caller, subject, calls);
    if (large) findings.push(large);
  }
  const serial = serialReadsOf(
    caller,
    caller.calls.filter((call) => !repeated.has(call)),
  );
  return serial ? [...findings, serial] : findings;
}

function groupBySubject(calls: readonly CallSpan[]): Map<string, CallSpan[]> {
  const groups = new Map<string, CallSpan[]>();
  for (const call of calls) {
    const subject = subjectOf(call);
    const group = groups.get(subject);
    if (group) group.push(call);
    else groups.set(subject, [call]);
  }
  return groups;
}

function findingOf(
  { span, traceId }: Caller,
  call: CallSpan,
  rest: Pick<Finding, 'category' | 'subject' | 'savingMs' | 'figures' | 'signs'>,
): Finding {
  const { service, operation } = span;
  const example = {
    ...{ traceId, spanId: call.id, operation: call.operation },
    ...{ durationMs: call.duration, isError: call.isError },
  };
  return { service, operation, example, ...rest };
}

/** Equal calls: as one, they would take as long as the longest of them. What overlaps already costs less. */
function repeatsOf(caller: Caller, subject: string, calls: readonly CallSpan[]): Finding {
  const [first] = calls as readonly [CallSpan];
  const longest = Math.max(...calls.map(({ duration }) => duration));
  const { system } = first.call;
  return findingOf(caller, first, {
    category: system === 'database' || system === 'cache' ? 'n-plus-one' : 'chatty-calls',
    subject,
    savingMs: Math.max(0, coveredMs(calls) - longest),
    figures: { calls: calls.length, totalMs: coveredMs(calls) },
  });
}

/** Reads of different things, each begun just after the one before had ended: at a time they would take as long as the slowest. */
function serialReadsOf(caller: Caller, calls: readonly CallSpan[]): Finding | undefined {
  const gap = Math.max(GAP_MS, GAP_SHARE * caller.span.duration);
  let best: readonly CallSpan[] = [];
  let chain: CallSpan[] = [];
  for (const call of calls) {
    const last = chain.at(-1);
    const begins = last ? call.start - (last.start + last.duration) : 0;
    if (!call.call.isRead || call.isError) chain = [];
    else if (begins >= 0 && begins <= gap) chain.push(call);
    else chain = [call];
    if (savingOfChain(chain) > savingOfChain(best)) best = [...chain];
  }
  const names = [...new Set(best.map(subjectOf))];
  const [first] = best;
  if (!first || names.length < 2) return undefined;
  return findingOf(caller, first, {
    category: 'serial-calls',
    subject: names.join(', then '),
    savingMs: savingOfChain(best),
    figures: { calls: best.length, totalMs: coveredMs(best) },
  });
}

function savingOfChain(calls: readonly CallSpan[]): number {
  if (calls.length < 2) return 0;
  let [sum, most] = [0, 0];
  for (const { duration } of calls) {
    sum += duration;
    most = Math.max(most, duration);
  }
  return sum - most;
}

/** A failed call that is made again at once, or one that says it was sent before. */
function retriesOf(caller: Caller, subject: string, calls: readonly CallSpan[]): Finding | undefined {
  const wasted = calls.filter(({ isError }, at) => isError && at < calls.length - 1);
  const resends = Math.max(0, ...calls.map(({ call }) => call.resends));
  const [first] = calls;
  if (!first || (wasted.length === 0 && resends === 0)) return undefined;
  return findingOf(caller, first, {
    category: 'retries',
    subject,
    savingMs: wasted.reduce((sum, { duration }) => sum + duration, 0),
    figures: { attempts: Math.max(calls.length, resends + 1), failed: wasted.length },
  });
}

function slowStatementOf(caller: Caller, subject: string, calls: readonly CallSpan[]): Finding | undefined {
  const [first] = calls;
  if (first?.call.system !== 'database') return undefined;
  const totalMs = calls.reduce((sum, { duration }) => sum + duration, 0);
  return findingOf(caller, first, {
    category: 'slow-statement',
    subject,
    savingMs: Number.NaN,
    figures: {
      meanMs: totalMs / calls.length,
      calls: calls.length,
      shareOfOperation: shareOf(totalMs, caller),
    },
    signs: statementSigns(first.call.statement),
  });
}

function shareOf(ms: number, { span }: Caller): number {
  return span.duration > 0 ? Math.min(1, ms / span.duration) : 0;
}

function largePayloadOf(caller: Caller, subject: string, calls: readonly CallSpan[]): Finding | undefined {
  const [largest] = calls.toSorted((one, other) => other.call.bytes - one.call.bytes);
  if (!largest || largest.call.bytes < LARGE_BYTES) return undefined;
  return findingOf(caller, largest, {
    category: 'large-payloads',
    subject,
    savingMs: Number.NaN,
    figures: { bytes: largest.call.bytes },
  });
}

/** Of a union of intervals. */
function coveredMs(calls: readonly CallSpan[]): number {
  let covered = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { start, duration } of calls.toSorted((one, other) => one.start - other.start)) {
    const end = start + duration;
    covered += Math.max(0, end - Math.max(start, until));
    until = Math.max(until, end);
  }
  return covered;
}

interface Lookups {
  readonly caller: Caller;
  readonly call: CallSpan;
  count: number;
  misses: number;
  missedMs: number;
}

/** Reads of a cache, and whether the operation then read from a database after all. */
class CacheLookups {
  private readonly byOperation = new Map<string, Lookups>();

  add(caller: Caller): void {
    const lookup = caller.calls.find(({ call }) => call.system === 'cache' && call.isRead);
    if (!lookup) return;
    const end = lookup.start + lookup.duration;
    const read = caller.calls.find(
      ({ call, start }) => call.system === 'database' && call.isRead && start >= end,
    );
    const key = JSON.stringify([caller.span.service, caller.span.operation, subjectOf(lookup)]);
    const known = this.byOperation.get(key) ?? { caller, call: lookup, count: 0, misses: 0, missedMs: 0 };
    known.count += 1;
    if (read) {
      known.misses += 1;
      known.missedMs += read.duration;
    }
    this.byOperation.set(key, known);
  }

  /** One for each operation whose cache has it more seldom than caches usually do. */
  *findings(): Iterable<Finding> {
    for (const { caller, call, count, misses, missedMs } of this.byOperation.values()) {
      const missShare = misses / count;
      // Where every lookup is followed by a read, the read is more likely for something else.
      if (count < LEAST_LOOKUPS || missShare <= 2 * (1 - USUAL_HITS) || misses === count) continue;
      yield findingOf(caller, call, {
        category: 'cache-misses',
        subject: subjectOf(call),
        savingMs: missedMs * (1 - (1 - USUAL_HITS) / missShare),
        figures: { lookups: count, missShare, missMs: missedMs / misses },
      });
    }
  }
}
