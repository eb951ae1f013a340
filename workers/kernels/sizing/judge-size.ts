import { usageQuantile } from './observe-usage.ts';
import { signOf } from './size-signs.ts';
import type { SizedResource, SizeJudgement, UsageHistory } from './sizing-input.ts';

/** What is too large is said after a day; that it was seen in most of its hours makes sure that it was a day. */
const LEAST_SPAN_HOURS = 24;
const LEAST_HOURS_SEEN = 18;
/** Above what was needed. */
const MARGIN = 1.2;
const POOL_MARGIN = 1.5;
/** Half of it, at least, could go. */
const LARGEST_KEPT = 0.5;
/** What was held back would have used more than was seen: so much more is worth trying. */
const STEP_UP = 1.5;

/** Less is not worth the change. Cores, bytes, connections of all instances together. */
const LEAST_SAVING: Readonly<Record<SizedResource, number>> = {
  cpu: 0.25,
  memory: 256 * 2 ** 20,
  heap: 256 * 2 ** 20,
  connections: 10,
};
/** Nothing smaller is suggested for an instance. */
const LEAST_SUGGESTED: Readonly<Record<SizedResource, number>> = {
  cpu: 0.05,
  memory: 64 * 2 ** 20,
  heap: 64 * 2 ** 20,
  connections: 2,
};

/**
 * Whether a resource is far too large or too small for what was used of it; `undefined`: neither, or not known yet.
 *
 * Too large: over a day or more, what is kept for it (the request, else the limit) is at least twice what would do: of CPU the 99th percentile
 * and a fifth (more would only take longer), of memory the peak and a fifth (more would be killed), of connections the peak and a half.
 * Too small, in the last six hours: CPU that was held back in a tenth of the scheduler's periods, usage at nine tenths of its limit or above
 * in one of twenty points (not of heaps, which fill up before garbage is collected), connections that were waited for.
 *
 * After Kubernetes' Vertical Pod Autoscaler and Rzadca et al. (Autopilot, EuroSys 2020): percentiles of decaying histograms of CPU, peaks of
 * memory; without decay, over a week.
 * Without a limit or a request there is no judgement, but of connections that are waited for. How much is far too large or too small is a
 * rule of ours. O(hours + buckets · log buckets).
 *
 * @param isAbsolute whether usage is in cores and bytes; else in shares of the limit or the request, and no least saving is asked for
 */
export function judgeSize(
  resource: SizedResource,
  history: UsageHistory,
  isAbsolute = true,
): SizeJudgement | undefined {
  const figures = figuresOf(history);
  return (
    judgeSmall(resource, history, figures, isAbsolute) ?? judgeLarge(resource, history, figures, isAbsolute)
  );
}

type Figures = Pick<SizeJudgement, 'median' | 'p99' | 'peak' | 'instances' | 'hoursSeen' | 'spanHours'>;

function figuresOf(history: UsageHistory): Figures {
  const seen = history.hours.filter(([, , points]) => points > 0);
  const [first, last] = [seen[0], seen.at(-1)];
  const peak = seen.reduce((most, hour) => Math.max(most, hour[1]), 0);
  return {
    // A bucket's bound may lie above all that is in it.
    median: Math.min(peak, usageQuantile(history, 0.5)),
    p99: Math.min(peak, usageQuantile(history, 0.99)),
    peak,
    instances: history.instances,
    hoursSeen: seen.length,
    spanHours: first && last ? last[0] - first[0] + 1 : 0,
  };
}

function judgeSmall(
  resource: SizedResource,
  history: UsageHistory,
  figures: Figures,
  isAbsolute: boolean,
): SizeJudgement | undefined {
  const sign = signOf(resource, history);
  if (!sign) return undefined;
  const current = history.limit ?? figures.peak;
  const suggested = roundUp(resource, Math.max(STEP_UP * current, MARGIN * figures.peak), isAbsolute);
  return { verdict: 'too-small', suggested, current, ...figures, ...sign };
}

function judgeLarge(
  resource: SizedResource,
  { limit, reserved }: UsageHistory,
  figures: Figures,
  isAbsolute: boolean,
): SizeJudgement | undefined {
  const current = reserved ?? limit;
  const isKnown = figures.spanHours >= LEAST_SPAN_HOURS && figures.hoursSeen >= LEAST_HOURS_SEEN;
  if (current === null || !isKnown) return undefined;
  const needed = roundUp(resource, neededOf(resource, figures), isAbsolute);
  const suggested = isAbsolute ? Math.max(LEAST_SUGGESTED[resource], needed) : needed;
  const isWorthIt = !isAbsolute || (current - suggested) * figures.instances >= LEAST_SAVING[resource];
  if (!(suggested <= LARGEST_KEPT * current) || !isWorthIt) return undefined;
  return {
    verdict: 'too-large',
    suggested,
    current,
    ...figures,
    sign: undefined,
    signShare: 0,
    waitSeconds: 0,
  };
}

function neededOf(resource: SizedResource, { p99, peak }: { readonly p99: number; readonly peak: number }) {
  if (resource === 'cpu') return MARGIN * p99;
  return resource === 'connections' ? POOL_MARGIN * peak : MARGIN * peak;
}

const MEBIBYTE = 2 ** 20;

/** Up to what one would write into a configuration. */
function roundUp(resource: SizedResource, value: number, isAbsolute: boolean): number {
  if (!isAbsolute) return value;
  const steps = { cpu: 0.05, memory: 16 * MEBIBYTE, heap: 16 * MEBIBYTE, connections: 1 };
  const step = steps[resource];
  return Number((Math.ceil(value / step - 1e-9) * step).toPrecision(12));
}
