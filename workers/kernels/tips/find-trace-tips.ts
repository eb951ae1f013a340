import { callersOf, subjectOf, type Caller, type CallSpan } from './call-groups.ts';
import { statementSigns } from './statement.ts';
import { TipTally, type Finding } from './tip-tally.ts';
import type { Tip, TipTrace } from './tip-input.ts';

/** So many equal calls of one operation are more than a loop that somebody meant. */
const REPEATS = 5;
/** Calls that wait for each other leave gaps of no more than so much of their operation, or so many ms. */
const GAP_SHARE = 0.05;
const GAP_MS = 1;
/** A call that takes as long in the mean is slow, for a database. */
export const SLOW_STATEMENT_MS = 100;
/** A payload as large is large. */
export const LARGE_PAYLOAD_BYTES = 1_000_000;
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
 * another, slow statements, calls that are tried again, a cache that seldom has it, large payloads. A saving is an estimate, in ms of an
 * operation that shows it: equal calls as one that takes as long as the longest, reads in a row as long as the slowest, failed attempts not
 * made, statements of `SLOW_STATEMENT_MS`, a cache that has nine in ten; of payloads what is beyond `LARGE_PAYLOAD_BYTES`.
 *
 * Anti-patterns after Smith & Williams (Software Performance AntiPatterns, 2000: "Circuitous Treasure Hunt", "Empty Semi Trucks") and
 * Chen et al. (Detecting performance anti-patterns for ORM applications, ICSE 2014). Nothing depends on names of services or operations.
 * How much counts as a habit is a rule of ours. O(spans · log spans); deterministic.
 *
 * @param traces whole traces, or what is known of them; spans whose times are not finite are passed over, and so is a second span of an id
 * @returns those worth saying, the largest saving of all operations together first
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
  if (category === 'slow-statement') return (figures['meanMs'] ?? 0) >= SLOW_STATEMENT_MS;
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
  const longest = mostOf(calls, ({ duration }) => duration);
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
  const { chain, savingMs } = costliestChain(calls, Math.max(GAP_MS, GAP_SHARE * caller.span.duration));
  const names = [...new Set(chain.map(subjectOf))];
  const [first] = chain;
  if (!first || names.length < 2) return undefined;
  return findingOf(caller, first, {
    category: 'serial-calls',
    subject: names.join(', then '),
    savingMs,
    figures: { calls: chain.length, totalMs: coveredMs(chain) },
  });
}

/** Of the reads in a row those that would save the most. */
function costliestChain(
  calls: readonly CallSpan[],
  gap: number,
): { readonly chain: readonly CallSpan[]; readonly savingMs: number } {
  let [from, sum, longest] = [0, 0, 0];
  let best = { from: 0, to: 0, savingMs: 0 };
  for (const [at, call] of calls.entries()) {
    const isRead = call.call.isRead && !call.isError;
    if (!isRead || (at > from && !isNext(call, calls[at - 1], gap))) {
      [from, sum, longest] = [isRead ? at : at + 1, 0, 0];
    }
    if (!isRead) continue;
    sum += call.duration;
    longest = Math.max(longest, call.duration);
    if (sum - longest > best.savingMs) best = { from, to: at + 1, savingMs: sum - longest };
  }
  return { chain: calls.slice(best.from, best.to), savingMs: best.savingMs };
}

function isNext({ start }: CallSpan, before: CallSpan | undefined, gap: number): boolean {
  const begins = before ? start - (before.start + before.duration) : 0;
  return begins >= 0 && begins <= gap;
}

function mostOf(calls: readonly CallSpan[], valueOf: (call: CallSpan) => number): number {
  return calls.reduce((most, call) => Math.max(most, valueOf(call)), 0);
}

/** A failed call that is made again at once, or one that says it was sent before. */
function retriesOf(caller: Caller, subject: string, calls: readonly CallSpan[]): Finding | undefined {
  const wasted = calls.filter(({ isError }, at) => isError && at < calls.length - 1);
  const resends = mostOf(calls, ({ call }) => call.resends);
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
    savingMs: Math.max(0, coveredMs(calls) - calls.length * SLOW_STATEMENT_MS),
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
  if (!largest || largest.call.bytes < LARGE_PAYLOAD_BYTES) return undefined;
  return findingOf(caller, largest, {
    category: 'large-payloads',
    subject,
    savingMs: Number.NaN,
    figures: { bytes: largest.call.bytes, savedBytes: largest.call.bytes - LARGE_PAYLOAD_BYTES },
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
  count: number;
  readonly misses: Miss[];
}

/** A lookup that found nothing, and how long the read after it took. */
interface Miss {
  readonly caller: Caller;
  readonly lookup: CallSpan;
  readonly readMs: number;
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
    const known = this.byOperation.get(key) ?? { count: 0, misses: [] };
    known.count += 1;
    if (read) known.misses.push({ caller, lookup, readMs: read.duration });
    this.byOperation.set(key, known);
  }

  /** One for each miss of an operation whose cache has it more seldom than caches usually do. */
  *findings(): Iterable<Finding> {
    for (const { count, misses } of this.byOperation.values()) {
      const missShare = misses.length / count;
      // Where every lookup is followed by a read, the read is more likely for something else.
      if (count < LEAST_LOOKUPS || missShare <= 2 * (1 - USUAL_HITS) || missShare === 1) continue;
      for (const { caller, lookup, readMs } of misses) {
        yield findingOf(caller, lookup, {
          category: 'cache-misses',
          subject: subjectOf(lookup),
          savingMs: readMs * (1 - (1 - USUAL_HITS) / missShare),
          figures: { lookups: count, missShare, missMs: readMs },
        });
      }
    }
  }
}
