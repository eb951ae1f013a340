import type { OperationActivityJson, ServiceActivityJson } from '../../proto/api/index.ts';
import { serviceIdOf, type ServiceKey } from '../../proto/columns/index.ts';
import type { TimeRange } from '../../proto/query/index.ts';
import { dictionaryReader } from '../../workers/columns/index.ts';
import { DurationSketch, readRequests, type SpanRequests } from '../../workers/red/index.ts';
import { isWithin, logTime } from '../../workers/scan/index.ts';
import type { OperationActivity, QueryRun, ServiceActivity } from '../ports/index.ts';
import { forEachBatch } from './for-each-batch.ts';
import type { HotTier } from './hot-tier.ts';

interface RequestTally {
  requests: number;
  errors: number;
  readonly durations: DurationSketch;
}

interface ServiceTally extends RequestTally {
  readonly service: ServiceKey;
  spans: number;
  logs: number;
  points: number;
}

/** Activity of services, summed over both tiers. */
export class ServiceTallies {
  private readonly tallies = new Map<string, ServiceTally>();

  addCold(activities: readonly ServiceActivity[]): void {
    for (const activity of activities) {
      const tally = this.tallyOf(activity.service);
      addRequests(tally, activity);
      tally.spans += activity.spans;
      tally.logs += activity.logs;
      tally.points += activity.points;
    }
  }

  async addSpans(tier: HotTier<'traces'>, range: TimeRange, run: QueryRun): Promise<void> {
    await forEachBatch(tier, range, run, (service, batch) => {
      const tally = this.tallyOf(service);
      const { startTimeUnixNano } = batch.columns;
      tally.spans += countWithin(startTimeUnixNano, range);
      const requests = readRequests(batch);
      for (let at = 0; at < requests.count; at += 1) {
        const start = startTimeUnixNano[requests.rows[at] ?? 0] ?? 0n;
        if (isWithin(start, range)) addRequest(tally, requests, at);
      }
    });
  }

  async addLogs(tier: HotTier<'logs'>, range: TimeRange, run: QueryRun): Promise<void> {
    await forEachBatch(tier, range, run, (service, batch) => {
      const tally = this.tallyOf(service);
      for (let row = 0; row < batch.rowCount; row += 1) {
        if (isWithin(logTime(batch, row), range)) tally.logs += 1;
      }
    });
  }

  async addPoints(tier: HotTier<'metrics'>, range: TimeRange, run: QueryRun): Promise<void> {
    await forEachBatch(tier, range, run, (service, batch) => {
      this.tallyOf(service).points += countWithin(batch.columns.timeUnixNano, range);
    });
  }

  /** Services with anything at all, by name. */
  toJson(): ServiceActivityJson[] {
    return [...this.tallies.values()]
      .filter(({ spans, logs, points }) => spans + logs + points > 0)
      .sort((a, b) => compareText(a.service.name, b.service.name))
      .map((tally) => ({
        id: serviceIdOf(tally.service),
        ...tally.service,
        ...requestsJson(tally),
        spans: tally.spans,
        logs: tally.logs,
        points: tally.points,
      }));
  }

  private tallyOf(service: ServiceKey): ServiceTally {
    const id = serviceIdOf(service);
    let tally = this.tallies.get(id);
    if (!tally) {
      tally = {
        service,
        requests: 0,
        errors: 0,
        durations: new DurationSketch(),
        spans: 0,
        logs: 0,
        points: 0,
      };
      this.tallies.set(id, tally);
    }
    return tally;
  }
}

/** Activity of one service's operations, summed over both tiers; busiest first. */
export async function operationsJson(
  cold: readonly OperationActivity[],
  tier: HotTier<'traces'>,
  range: TimeRange,
  run: QueryRun,
): Promise<OperationActivityJson[]> {
  const tallies = new Map<string, RequestTally & { readonly name: string; readonly kind: number }>();
  const tallyOf = (name: string, kind: number): RequestTally => {
    const key = `${kind} ${name}`;
    let tally = tallies.get(key);
    if (!tally) {
      tally = { name, kind, requests: 0, errors: 0, durations: new DurationSketch() };
      tallies.set(key, tally);
    }
    return tally;
  };
  for (const activity of cold) addRequests(tallyOf(activity.name, activity.kind), activity);
  await forEachBatch(tier, range, run, (_service, batch) => {
    const dictionary = dictionaryReader(batch.dictionary);
    const { startTimeUnixNano, kind } = batch.columns;
    const requests = readRequests(batch);
    for (let at = 0; at < requests.count; at += 1) {
      const row = requests.rows[at] ?? 0;
      if (!isWithin(startTimeUnixNano[row] ?? 0n, range)) continue;
      const operation = dictionary.string(requests.operations[at] ?? 0);
      addRequest(tallyOf(operation, kind[row] ?? 0), requests, at);
    }
  });
  return [...tallies.values()]
    .sort((a, b) => b.requests - a.requests || compareText(a.name, b.name))
    .map(({ name, kind, ...tally }) => ({ name, kind, ...requestsJson(tally) }));
}

function addRequest(tally: RequestTally, { buckets, errors }: SpanRequests, at: number): void {
  tally.requests += 1;
  tally.errors += errors[at] ?? 0;
  tally.durations.add(buckets[at] ?? 0);
}

function addRequests(tally: RequestTally, activity: OperationActivity | ServiceActivity): void {
  tally.requests += activity.requests;
  tally.errors += activity.errors;
  for (const [bucket, count] of activity.durations) tally.durations.add(bucket, count);
}

function requestsJson({ requests, errors, durations }: RequestTally): {
  requests: number;
  errors: number;
  p50Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
} {
  return {
    requests,
    errors,
    p50Ms: quantileMs(durations, 0.5),
    p95Ms: quantileMs(durations, 0.95),
    p99Ms: quantileMs(durations, 0.99),
  };
}

export function quantileMs(durations: DurationSketch, q: number): number | null {
  const nanos = durations.quantileNanos(q);
  return nanos === undefined ? null : nanos / 1e6;
}

function countWithin(times: BigUint64Array, range: TimeRange): number {
  let count = 0;
  for (const time of times) if (isWithin(time, range)) count += 1;
  return count;
}

/** By code unit: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
