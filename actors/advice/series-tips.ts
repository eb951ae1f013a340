import type { MetricJson } from '../../proto/api/index.ts';
import { serviceIdOf, type ServiceKey } from '../../proto/columns/index.ts';
import type { MetricUse } from '../../proto/query/index.ts';
import { estimateCount, LeastHashes } from '../../workers/catalogue/index.ts';
import { judgeGrowth, type SeriesHour } from '../../workers/kernels/series-growth/index.ts';
import type { ScanPart } from '../../workers/pool/index.ts';
import type { AskedMetrics } from '../query/index.ts';
import {
  LOOKED_BACK_MS,
  recentParts,
  TASK_OPTIONS,
  type AdviceThreads,
  type LookedAt,
  type TipSource,
  type WindowSource,
} from './advice-context.ts';
import { storedBytes, type StoredBytesOptions } from './stored-bytes.ts';
import { adviceOfSeries, adviceOfUnasked, SERIES_CATEGORIES, type SeriesFinding } from './telemetry-json.ts';
import type { Advice } from './tip-json.ts';

export interface SeriesTipsOptions extends WindowSource, StoredBytesOptions {
  readonly threads: AdviceThreads;
  readonly asked: AskedMetrics;
  /** As whom the platform reports about itself: it asks for its own metrics by other ways. */
  readonly self: ServiceKey;
}

const HOUR_MS = 3_600_000;
const A_DAY = (24 * HOUR_MS) / LOOKED_BACK_MS;
/** Metrics with fewer series in ten minutes are not watched. */
const LEAST_WATCHED = 100;
const MOST_WATCHED = 300;
const MOST_HOURS = 48;
const FORGOTTEN_MS = MOST_HOURS * HOUR_MS;
const MANY_SERIES = 5_000;
const MANY_VALUES = 500;
/** Nobody has asked for so long, of so many questions: else it says nothing of a metric. */
const UNASKED_MS = 7 * 24 * HOUR_MS;
const LEAST_QUESTIONS = 50;
/** Points a day that are worth a word: sixty series every ten seconds. */
const LEAST_UNASKED_POINTS = 500_000;

interface Watched {
  readonly hashes: readonly number[];
  readonly hours: readonly SeriesHour[];
  readonly seenMs: number;
}

interface ServiceUse {
  readonly service: string;
  readonly parts: readonly ScanPart[];
  readonly metrics: readonly {
    readonly metric: MetricJson;
    readonly points: number;
    readonly least: Uint32Array;
  }[];
}

/** Metrics whose series are many or grow without end, and metrics that nobody asks for. */
export class SeriesTips implements TipSource {
  private readonly options: SeriesTipsOptions;
  private readonly watched = new Map<string, Watched>();

  constructor(options: SeriesTipsOptions) {
    this.options = options;
  }

  covers(category: string): boolean {
    return SERIES_CATEGORIES.includes(category);
  }

  restore(document: unknown): void {
    for (const [key, watched] of document as readonly (readonly [string, Watched])[]) {
      this.watched.set(key, watched);
    }
  }

  /** Plain data: all that is remembered. */
  document(): unknown {
    return [...this.watched];
  }

  async look(nowMs: number): Promise<readonly Advice[] | undefined> {
    const looked = await recentParts(this.options, 'metrics', nowMs);
    if (looked.rows === 0) return undefined;
    const uses = await this.usesOf(looked);
    const bytes = await storedBytes(this.options, 'metrics');
    const series: Advice[] = [];
    for (const use of uses) {
      for (const finding of await this.findingsOf(use, looked, bytes, nowMs)) {
        series.push(adviceOfSeries(finding));
      }
    }
    this.forget(nowMs);
    return [...series, ...uses.flatMap((use) => this.unasked(use, bytes, nowMs))];
  }

  private async usesOf({ parts, fromMs, toMs }: LookedAt): Promise<ServiceUse[]> {
    const uses: ServiceUse[] = [];
    for (const [service, ofService] of byService(parts)) {
      const query = { range: rangeOf(fromMs, toMs) };
      const shares = await this.options.threads.scan('metric-uses', ofService, query, TASK_OPTIONS);
      uses.push({ service, parts: ofService, metrics: mergedUses(shares) });
    }
    return uses;
  }

  private async findingsOf(
    { service, parts, metrics }: ServiceUse,
    { fromMs, toMs }: LookedAt,
    bytes: number | undefined,
    nowMs: number,
  ): Promise<SeriesFinding[]> {
    const suspects = metrics.flatMap(({ metric, points, least }) => {
      const series = estimateCount(least);
      if (series < LEAST_WATCHED) return [];
      const hours = this.watch(service, metric, least, nowMs);
      const growth = judgeGrowth(hours);
      return growth || series >= MANY_SERIES ? [{ service, metric, points, series, hours, growth }] : [];
    });
    if (suspects.length === 0) return [];
    const names = suspects.map(({ metric }) => metric.name);
    const query = { range: rangeOf(fromMs, toMs), names };
    const shares = await this.options.threads.scan('attribute-uses', parts, query, TASK_OPTIONS);
    const uses = shares.flat();
    return suspects.flatMap(({ points, ...suspect }) => {
      const key = JSON.stringify(suspect.metric);
      const offender = offenderOf(uses.filter(({ metric }) => JSON.stringify(metric) === key));
      // Many processes with a few series each are no fault of the metric's.
      if (!suspect.growth && (offender?.values ?? 0) < MANY_VALUES) return [];
      const savedBytesADay =
        bytes === undefined || !offender ? undefined : (1 - 1 / offender.values) * points * A_DAY * bytes;
      return [{ ...suspect, offender, savedBytesADay }];
    });
  }

  /** Adds the series of ten minutes to all there were before. */
  private watch(
    service: string,
    metric: MetricJson,
    least: Uint32Array,
    nowMs: number,
  ): readonly SeriesHour[] {
    const key = JSON.stringify([service, metric]);
    const before = this.watched.get(key);
    const all = new LeastHashes();
    all.addAll(Uint32Array.from(before?.hashes ?? []));
    all.addAll(least);
    const hashes = all.take();
    const hour = Math.floor(nowMs / HOUR_MS);
    const earlier = (before?.hours ?? []).filter(([at]) => at < hour).slice(1 - MOST_HOURS);
    const hours: SeriesHour[] = [...earlier, [hour, estimateCount(hashes)]];
    this.watched.delete(key);
    this.watched.set(key, { hashes: [...hashes], hours, seenMs: nowMs });
    return hours;
  }

  private forget(nowMs: number): void {
    for (const [key, { seenMs }] of this.watched) {
      if (nowMs - seenMs <= FORGOTTEN_MS && this.watched.size <= MOST_WATCHED) break;
      this.watched.delete(key);
    }
  }

  private unasked({ service, metrics }: ServiceUse, bytes: number | undefined, nowMs: number): Advice[] {
    const { asked, self } = this.options;
    const { sinceMs, questionCount } = asked;
    const isKnown = nowMs - sinceMs >= UNASKED_MS && questionCount >= LEAST_QUESTIONS;
    if (!isKnown || service === serviceIdOf(self)) return [];
    const unasked = metrics
      .filter(({ metric }) => nowMs - asked.lastAskedMs(metric) >= UNASKED_MS)
      .map(({ metric, points }) => ({ metric, pointsADay: points * A_DAY }))
      .sort((a, b) => b.pointsADay - a.pointsADay);
    const pointsADay = unasked.reduce((sum, each) => sum + each.pointsADay, 0);
    if (pointsADay < LEAST_UNASKED_POINTS) return [];
    const lastMs = Math.max(sinceMs, ...unasked.map(({ metric }) => asked.lastAskedMs(metric)));
    return [
      adviceOfUnasked({
        ...{ service, metrics: unasked, sinceMs: lastMs, nowMs, questions: questionCount },
        savedBytesADay: bytes === undefined ? undefined : pointsADay * bytes,
      }),
    ];
  }
}

function rangeOf(
  fromMs: number,
  toMs: number,
): { readonly fromUnixNano: bigint; readonly toUnixNano: bigint } {
  return { fromUnixNano: BigInt(fromMs) * 1_000_000n, toUnixNano: BigInt(toMs) * 1_000_000n };
}

function byService(parts: readonly ScanPart[]): Map<string, ScanPart[]> {
  const services = new Map<string, ScanPart[]>();
  for (const part of parts) {
    const id = serviceIdOf(part.service);
    const known = services.get(id);
    if (known) known.push(part);
    else services.set(id, [part]);
  }
  return services;
}

function mergedUses(shares: readonly (readonly MetricUse[])[]): ServiceUse['metrics'] {
  const merged = new Map<string, { metric: MetricJson; points: number; hashes: LeastHashes }>();
  for (const { metric, points, series } of shares.flat()) {
    const key = JSON.stringify(metric);
    const use = merged.get(key) ?? { metric, points: 0, hashes: new LeastHashes() };
    merged.set(key, use);
    use.points += points;
    use.hashes.addAll(series);
  }
  return Array.from(merged.values(), ({ metric, points, hashes }) => ({
    ...{ metric, points, least: hashes.take() },
  }));
}

/** The attribute with most different values. */
function offenderOf(
  uses: readonly { readonly field: string; readonly values: Uint32Array }[],
): SeriesFinding['offender'] {
  const fields = new Map<string, LeastHashes>();
  for (const { field, values } of uses) {
    const hashes = fields.get(field) ?? new LeastHashes();
    fields.set(field, hashes);
    hashes.addAll(values);
  }
  return Array.from(fields, ([field, hashes]) => ({ field, values: estimateCount(hashes.take()) }))
    .filter(({ values }) => values > 1)
    .sort((a, b) => b.values - a.values || (a.field < b.field ? -1 : 1))[0];
}
