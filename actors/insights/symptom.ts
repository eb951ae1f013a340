import type { ServiceId, ServiceKey } from '../../proto/columns/index.ts';
import { LEAST_RHYTHM_MS } from './rhythm.ts';
import type { WatchedSeries } from './watched-series.ts';

/** A series that is off in a way that matters. */
export interface Symptom {
  /** As it was then. */
  readonly series: WatchedSeries;
  /** In nats, less what feedback asks for. */
  readonly evidence: number;
  /** How many times the usual it is; of errors the share above the usual. */
  readonly size: number;
}

/** A service that does not do as ever: its symptoms taken together, the strongest first. */
export interface Trouble {
  readonly serviceId: ServiceId;
  readonly service: ServiceKey;
  readonly symptoms: readonly Symptom[];
  /** In nats. */
  readonly strength: number;
  /** Whether requests or logs show it, and not figures of metrics alone. */
  readonly isFelt: boolean;
  readonly sinceMs: number;
}

/** Without a new cell for so long a series says nothing of the present. */
const STALE_MS = 60_000;
const LEARNING_MS = 120_000;
const LEAST_EVIDENCE = 3;
const MOST_OF_A_SYMPTOM = 30;
/** Aspects of one service depend on each other: beside the strongest the others count half. */
const WEIGHT_BESIDE = 0.5;
/** Figures of metrics say less to the reader. */
const WEIGHT_OF_METRICS = 0.5;
/** What joins its strength to another's must be this strong itself. */
const LEAST_TO_JOIN = 8;
const MOST_SYMPTOMS = 100;
/** A hundredth of the time: less of it spent on anything is next to nothing, however many times the usual it is. */
const LEAST_SHARES_OF_TIME: Readonly<Record<string, number>> = {
  's/s': 0.01,
  'ms/s': 10,
  'us/s': 1e4,
  'ns/s': 1e7,
};

/** What is off about series: more than noise, and more than nothing. `lenienceOf`: what feedback asks for, by key, in nats. */
export function symptomsOf(
  all: Iterable<WatchedSeries>,
  lenienceOf: (key: string) => number,
  nowMs: number,
): Symptom[] {
  const symptoms: Symptom[] = [];
  for (const series of all) {
    if (series.evidence <= 0) continue;
    const symptom = symptomOf(series, lenienceOf(series.key), nowMs);
    if (symptom !== undefined) symptoms.push(symptom);
  }
  return symptoms;
}

/** Thresholds are of practice, the same for all. */
function symptomOf(series: WatchedSeries, lenience: number, nowMs: number): Symptom | undefined {
  const evidence = series.evidence - lenience;
  if (evidence < LEAST_EVIDENCE || nowMs - series.seenMs > STALE_MS) return undefined;
  const size = sizeOf(series);
  return size === undefined ? undefined : { series: { ...series }, evidence, size };
}

/** How much `observed` is other than `expected`; undefined: too little to matter. */
export function sizeOf(series: WatchedSeries): number | undefined {
  const { observed, expected } = series;
  switch (series.test) {
    case 'share': {
      const more = observed - expected;
      return more >= 0.05 && observed >= 2 * expected ? more : undefined;
    }
    case 'durations':
      // A hundred requests may come within seconds, and be of a start.
      if (series.seenMs - series.bornMs < LEARNING_MS) return undefined;
      return observed >= 1.5 * expected && observed - expected >= 5e6 ? observed / expected : undefined;
    case 'count':
      return sizeOfCount(series);
    case 'point':
      return sizeOfPoint(series);
  }
}

function sizeOfPoint({ observed, expected, upper, lower, unit, signal }: WatchedSeries): number | undefined {
  const distance = Math.abs(observed - expected);
  if (distance < (LEAST_SHARES_OF_TIME[unit] ?? 0)) return undefined;
  const isBeyond = observed > upper || observed < lower;
  const least = signal === 'other' ? 0.5 : 0.1;
  const relative = distance / Math.max(Math.abs(expected), Number.MIN_VALUE);
  return isBeyond && relative >= least ? Math.min(1e6, 1 + relative) : undefined;
}

function sizeOfCount(series: WatchedSeries): number | undefined {
  const { source, signal, observed, expected, labels } = series;
  const factor = observed / Math.max(expected, 1e-3);
  const isMuch = Math.abs(observed - expected) >= 0.2;
  if (signal === 'logs') {
    const least = labels['severity'] === 'error' || labels['severity'] === 'warn' ? 2 : 3;
    return factor >= least && isMuch ? factor : undefined;
  }
  // Counters that stop are of what is not done any more: requests say whether that matters.
  if (source === 'metric') return factor >= 2 && isMuch ? factor : undefined;
  return isMuch ? sizeOfRequests(series, factor) : undefined;
}

function sizeOfRequests(series: WatchedSeries, factor: number): number | undefined {
  const isLess = factor <= 0.55 && !isShortLived(series);
  return factor >= 1.7 || isLess ? factor : undefined;
}

/** Hosts come for minutes and go, by their nature: that nobody calls them any more is no news of those that were not called for longer. */
function isShortLived({ peer, bornMs, sinceMs }: WatchedSeries): boolean {
  return peer !== '' && sinceMs - bornMs < LEAST_RHYTHM_MS;
}

/** By service. */
export function troublesOf(symptoms: readonly Symptom[]): ReadonlyMap<ServiceId, Trouble> {
  const byService = new Map<ServiceId, Symptom[]>();
  for (const symptom of symptoms) {
    const { serviceId } = symptom.series;
    const known = byService.get(serviceId);
    if (known === undefined) byService.set(serviceId, [symptom]);
    else known.push(symptom);
  }
  const troubles = new Map<ServiceId, Trouble>();
  for (const [id, ofService] of byService) {
    const trouble = troubleOf(ofService);
    if (trouble !== undefined) troubles.set(id, trouble);
  }
  return troubles;
}

/** Joins the symptoms of a service: of each aspect the strongest counts, since others of it are of the same requests. */
export function troubleOf(symptoms: readonly Symptom[]): Trouble | undefined {
  const [first] = symptoms;
  if (first === undefined) return undefined;
  const byAspect = new Map<string, number>();
  for (const { series, evidence } of symptoms) {
    const aspect = aspectOf(series);
    byAspect.set(aspect, Math.max(byAspect.get(aspect) ?? 0, Math.min(MOST_OF_A_SYMPTOM, evidence)));
  }
  const isFelt = symptoms.some(({ series }) => !isOfMetric(series));
  const [most, ...others] = [...byAspect].sort((one, other) => other[1] - one[1]);
  const strength = others
    .filter(([, each]) => each >= LEAST_TO_JOIN)
    .reduce((sum, [, each]) => sum + WEIGHT_BESIDE * each, most?.[1] ?? 0);
  const sorted = [...symptoms].sort(byWeight);
  const strong = sorted.filter(({ evidence }) => evidence >= LEAST_TO_JOIN);
  const sinceMs = Math.min(...(strong.length > 0 ? strong : sorted).map(({ series }) => series.sinceMs));
  const { serviceId, service } = first.series;
  return { serviceId, service, symptoms: sorted, strength, isFelt, sinceMs };
}

/** Whether a series is off just now, with or without consequence. */
export function isOff({ evidence }: Pick<WatchedSeries, 'evidence'>): boolean {
  return evidence >= LEAST_EVIDENCE;
}

/** Strong enough to be counted as one of what is wrong. */
export function isClear({ evidence }: Symptom): boolean {
  return evidence >= LEAST_TO_JOIN;
}

/** How far from the usual: 1 and more of what is a ratio, however it is turned; of errors the share. */
export function reachOf({ series, size }: Symptom): number {
  return series.signal === 'errors' ? size : Math.max(size, 1 / size);
}

/** What was wrong with a service, and what of it is clearly wrong besides: each series as it was when it was worst. */
export function withSymptomsOf(first: Trouble, second: Trouble): Trouble {
  const all = new Map(first.symptoms.map((symptom) => [symptom.series.key, symptom]));
  for (const symptom of second.symptoms) {
    const { key } = symptom.series;
    const known = all.get(key);
    if (known === undefined ? isClear(symptom) : reachOf(symptom) > reachOf(known)) all.set(key, symptom);
  }
  const symptoms = [...all.values()].sort(byWeight);
  return {
    ...first,
    symptoms: symptoms.slice(0, MOST_SYMPTOMS),
    strength: Math.max(first.strength, second.strength),
    isFelt: first.isFelt || second.isFelt,
    sinceMs: Math.min(first.sinceMs, second.sinceMs),
  };
}

/** Users suffer: requests fail, hang or do not come any more. */
export function isCritical({ series, size }: Symptom): boolean {
  if (isOfMetric(series)) return false;
  if (series.signal === 'errors') return size >= 0.2;
  if (series.signal === 'latency') return size >= 5 && series.observed >= 1e9;
  return series.signal === 'requests' && isWhole(series) && size <= 0.1;
}

function aspectOf({ source, signal, test, labels }: WatchedSeries): string {
  if (signal === 'errors' || (signal === 'logs' && labels['severity'] === 'error')) return 'failing';
  if (signal === 'latency') return 'slow';
  return source !== 'metric' || test === 'count' ? 'volume' : signal;
}

/** Something that does not report any more. */
export function isSilence({ series }: Pick<Symptom, 'series'>): boolean {
  return series.detector === 'silence';
}

/** Of all that a service does, and not of an operation or of calls to somebody. */
export function isWhole({ operation, peer }: WatchedSeries): boolean {
  return operation === '' && peer === '';
}

/** Metrics that the service sent, in contrast to figures made of its spans and log records. */
export function isOfMetric({ source }: WatchedSeries): boolean {
  return source === 'metric';
}

/** What users suffer from first, and then what is surest. */
function byWeight(one: Symptom, other: Symptom): number {
  return Number(isCritical(other)) - Number(isCritical(one)) || weightOf(other) - weightOf(one);
}

/** Errors and slowness say more to the reader than counts do. */
function weightOf({ series, evidence }: Symptom): number {
  if (isOfMetric(series)) return evidence * WEIGHT_OF_METRICS;
  return series.signal === 'errors' || series.signal === 'latency' ? 2 * evidence : evidence;
}
