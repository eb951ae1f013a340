import { serviceIdOf, type ServiceId, type ServiceKey } from '../../proto/columns/index.ts';
import type { CrowdedOut } from './insight-counters.ts';
import { Rhythm } from './rhythm.ts';
import { MOST_SERVICES } from './span-watch.ts';
import type { Symptom } from './symptom.ts';
import { keyOf, watch, type SeriesIdentity, type WatchedSeries } from './watched-series.ts';

/** What comes more often is looked at so often. */
const LEAST_INTERVAL_MS = 5_000;
const TICK_MS = 2_000;
/** So improbable a pause of everything is not held against single services, in nats. */
const PAUSED_FROM = 5;
const LEAST_EVIDENCE = 3;
/** Silence for so long is how it is now. */
const ADOPT_AFTER_MS = 1_800_000;
/** Longer than whoever counts the points of a series remembers it. */
const FORGET_AFTER_MS = 7_200_000;
const MOST_METRICS = 20_000;
/** Of a service: more of them say the same. */
const MOST_TOLD = 3;

/** A metric of a service, whichever of its series and processes, or all that a service sends. */
export interface Reports {
  readonly rhythm: Rhythm;
  readonly series: WatchedSeries;
}

interface ReportingService {
  readonly all: Reports;
  readonly metrics: Map<string, Reports>;
}

/**
 * Services and metrics that reported regularly and do not any more. Processes of a service that go while others stay are no silence, nor
 * is what has come and gone before. When nothing at all comes any more, that is told once, of whoever receives it.
 */
export class SilenceWatch {
  private readonly services = new Map<ServiceId, ReportingService>();
  private readonly everything: Reports;
  private readonly selfId: ServiceId;
  private readonly crowdedOut: CrowdedOut;
  private metrics = 0;
  /** When something came again after nothing did. */
  private resumedMs = 0;

  constructor(self: ServiceKey, crowdedOut: CrowdedOut) {
    this.crowdedOut = crowdedOut;
    this.selfId = serviceIdOf(self);
    this.everything = reportsOf(self, 'everything', TICK_MS, 0);
  }

  /** Something of a service came. What the platform says of itself comes always. */
  arrived(service: ServiceKey, serviceId: ServiceId, isMetrics: boolean, nowMs: number): void {
    if (serviceId === this.selfId) return;
    if (this.isPaused(nowMs)) this.resumedMs = nowMs;
    this.everything.rhythm.arrive(nowMs);
    let known = this.services.get(serviceId);
    if (known === undefined) {
      if (!isMetrics) return;
      if (this.services.size >= MOST_SERVICES) {
        this.crowdedOut.services += 1;
        return;
      }
      known = { all: reportsOf(service, '', LEAST_INTERVAL_MS, nowMs), metrics: new Map() };
      this.services.set(serviceId, known);
    }
    known.all.rhythm.arrive(nowMs, this.resumedMs);
  }

  /** A point of a metric came. */
  reported({ rhythm }: Reports, nowMs: number): void {
    rhythm.arrive(nowMs, this.resumedMs);
  }

  /** What came was lost here: pauses until now are nobody's. */
  passOver(nowMs: number): void {
    this.resumedMs = nowMs;
  }

  /** Of a metric whose series are sent whether something happens or not; undefined where there are too many. */
  reportsOf(
    { service, serviceId, name }: Pick<SeriesIdentity, 'service' | 'serviceId' | 'name'>,
    nowMs: number,
  ): Reports | undefined {
    const metrics = this.services.get(serviceId)?.metrics;
    const known = metrics?.get(name);
    if (known !== undefined || metrics === undefined || this.metrics >= MOST_METRICS) return known;
    const reports = reportsOf(service, name, LEAST_INTERVAL_MS, nowMs);
    metrics.set(name, reports);
    this.metrics += 1;
    return reports;
  }

  /** Nothing at all comes, which is unusual: that says nothing of any one service. */
  isPaused(nowMs: number): boolean {
    return this.everything.rhythm.evidence(nowMs) >= PAUSED_FROM;
  }

  /** What has fallen silent. */
  symptoms(lenienceOf: (key: string) => number, nowMs: number): readonly Symptom[] {
    if (this.isPaused(nowMs)) return [...this.symptomOf(this.everything, lenienceOf, nowMs)];
    const found: Symptom[] = [];
    for (const [id, { all, metrics }] of this.services) {
      if (nowMs - all.rhythm.lastMs > FORGET_AFTER_MS) {
        this.services.delete(id);
        this.metrics -= metrics.size;
        continue;
      }
      const whole = this.symptomOf(all, lenienceOf, nowMs);
      if (whole.length > 0) found.push(...whole);
      else found.push(...this.ofMetrics(metrics, lenienceOf, nowMs));
    }
    return found;
  }

  private ofMetrics(
    metrics: Map<string, Reports>,
    lenienceOf: (key: string) => number,
    nowMs: number,
  ): readonly Symptom[] {
    const found: Symptom[] = [];
    for (const [name, reports] of metrics) {
      if (nowMs - reports.rhythm.lastMs > FORGET_AFTER_MS) {
        metrics.delete(name);
        this.metrics -= 1;
      } else if (found.length < MOST_TOLD) found.push(...this.symptomOf(reports, lenienceOf, nowMs));
    }
    return found;
  }

  private symptomOf(
    { rhythm, series }: Reports,
    lenienceOf: (key: string) => number,
    nowMs: number,
  ): readonly Symptom[] {
    const evidence = rhythm.evidence(nowMs, this.resumedMs) - lenienceOf(series.key);
    if (evidence < LEAST_EVIDENCE || nowMs - rhythm.lastMs > ADOPT_AFTER_MS) return [];
    series.seenMs = nowMs;
    series.evidence = evidence;
    series.sinceMs = rhythm.lastMs;
    series.observed = (nowMs - rhythm.lastMs) / 1_000;
    series.expected = rhythm.intervalMs / 1_000;
    series.history.add(nowMs, series.observed, 1);
    return [{ series: { ...series }, evidence, size: series.observed / series.expected }];
  }
}

function reportsOf(service: ServiceKey, name: string, leastMs: number, nowMs: number): Reports {
  const identity: SeriesIdentity = {
    ...{ service, serviceId: serviceIdOf(service), test: 'point', source: 'metric', signal: 'availability' },
    ...{ name, operation: '', peer: '', peerName: '', labels: {}, unit: 's' },
  };
  const series = watch(identity, `${keyOf(identity)}\nreports`, -1, nowMs);
  series.detector = 'silence';
  return { rhythm: new Rhythm(leastMs), series };
}
