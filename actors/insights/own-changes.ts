import type { ServiceId } from '../../proto/columns/index.ts';
import type {
  Evidence,
  RootCause,
  RootCauseInput,
  SignalKind,
} from '../../workers/kernels/root-cause/index.ts';
import type { EngineContext } from './engine-options.ts';
import { kindOf, stretches } from './root-cause-input.ts';
import { sizeOf, type Symptom } from './symptom.ts';
import type { WatchedSeries } from './watched-series.ts';

type SignalChange = Extract<Evidence, { readonly type: 'signal' }>['change'];

/** Unix ms. */
interface Times {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** Of so many standard deviations the evidence is enough, whatever comes beyond: as that of tests, in nats. */
const MOST_EVIDENCE = 40;
/** Fewer values before say nothing of what is usual (`kernels/root-cause`). */
const FEWEST_BEFORE = 5;

/** Whether enough is known of any of these series to compare it with. */
export function isComparable(series: readonly WatchedSeries[], times: Times): boolean {
  return series.some(({ history }) => {
    const { values } = stretchesOf(history, times).normal;
    return values.reduce((count, value) => count + Number(!Number.isNaN(value)), 0) >= FEWEST_BEFORE;
  });
}

/**
 * What of a service is other than it was, by the analysis of causes with nothing but the service in it, a kind of signal at a time. For the
 * past, of which the tests that go on over time say nothing any more.
 */
export async function ownChanges(
  { options, deadlineMs }: EngineContext,
  service: ServiceId,
  series: readonly WatchedSeries[],
  times: Times,
): Promise<readonly Symptom[]> {
  const byKey = new Map(series.map((one) => [one.key, one]));
  const kinds = new Map<SignalKind, WatchedSeries[]>();
  const add = (kind: SignalKind, one: WatchedSeries): void => {
    kinds.set(kind, [...(kinds.get(kind) ?? []), one]);
  };
  for (const one of series) {
    const kind = one.peer === '' ? kindOf(one) : undefined;
    if (kind !== undefined) add(kind, one);
    // A symptom of requests is that there are more: fewer are looked for as what falls.
    if (kind === 'requests') add('availability', one);
  }
  const found = await Promise.all(
    [...kinds].map(([kind, ofKind]) =>
      options.threads.run('find-root-causes', inputOf(service, kind, ofKind, times), { deadlineMs }),
    ),
  );
  return found.flat().flatMap((cause) => symptomsIn(cause, byKey, times));
}

function inputOf(
  service: ServiceId,
  kind: SignalKind,
  series: readonly WatchedSeries[],
  times: Times,
): RootCauseInput {
  return {
    edges: [],
    series: series.map(({ key, history }) => ({ service, kind, name: key, ...stretchesOf(history, times) })),
    symptom: { service, kind },
  };
}

function stretchesOf(
  history: WatchedSeries['history'],
  { sinceMs, untilMs }: Times,
): ReturnType<typeof stretches> {
  return stretches(history, { startedMs: sinceMs, nowMs: untilMs, normalFromMs: 0 });
}

/** Series as they were then, in place of as they are now. */
function symptomsIn(
  { evidence: all }: RootCause,
  byKey: ReadonlyMap<string, WatchedSeries>,
  { sinceMs }: Times,
): readonly Symptom[] {
  return all.flatMap((one) => {
    const known = one.type === 'signal' ? byKey.get(one.change.series.name) : undefined;
    if (one.type !== 'signal' || known === undefined) return [];
    const { before, deviations, onset } = one.change;
    // What a normal distribution would lose by it.
    const evidence = Math.min(MOST_EVIDENCE, deviations ** 2 / 2);
    const series = {
      ...known,
      ...{ evidence, observed: observedIn(one.change), expected: before },
      sinceMs: Number.isNaN(onset) ? sinceMs : Math.max(sinceMs, 1_000 * onset),
    };
    const size = sizeOf(series);
    return size === undefined ? [] : [{ series, evidence, size }];
  });
}

/** What it was while it was off: the mean of its values on the side that hurts, the further off the heavier. */
function observedIn({ series: { kind, abnormal }, before }: SignalChange): number {
  const side = kind === 'availability' ? -1 : 1;
  let [distance, sum] = [0, 0];
  for (const value of abnormal.values) {
    const beyond = side * (value - before);
    if (!(beyond > 0)) continue;
    distance += beyond;
    sum += beyond * value;
  }
  return distance === 0 ? before : sum / distance;
}
