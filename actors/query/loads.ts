import { serviceIdOf, type ServiceKey } from '../../proto/columns/index.ts';
import { DurationSketch, readRequests } from '../../workers/red/index.ts';
import type { QueryRun, RequestsOfSlice, TimeRange, TimeSlices } from '../ports/index.ts';
import { quantileMs } from './activity.ts';
import { forEachBatch } from './for-each-batch.ts';
import type { HotTier } from './hot-tier.ts';

/** Of one service in one slice of a time that had any. */
export interface SliceLoad {
  readonly requests: number;
  readonly p50Ms: number;
}

export interface ServiceSlices {
  readonly service: ServiceKey;
  /** In order of time, without those that had no requests. */
  readonly slices: readonly SliceLoad[];
}

interface SliceTally {
  requests: number;
  readonly durations: DurationSketch;
}

/** Requests of services by slices of a time, summed over both tiers. */
export class SliceTallies {
  private readonly time: TimeSlices;
  private readonly services = new Map<string, { service: ServiceKey; slices: (SliceTally | undefined)[] }>();

  constructor(time: TimeSlices) {
    this.time = time;
  }

  addCold(rows: readonly RequestsOfSlice[]): void {
    for (const { service, slice, requests, durations } of rows) {
      const tally = tallyAt(this.slicesOf(service), slice);
      tally.requests += requests;
      for (const [bucket, count] of durations) tally.durations.add(bucket, count);
    }
  }

  async addSpans(tier: HotTier<'traces'>, run: QueryRun): Promise<void> {
    const { fromUnixNano, widthNano, count } = this.time;
    const width = Number(widthNano);
    await forEachBatch(tier, rangeOfSlices(this.time), run, (service, batch) => {
      const slices = this.slicesOf(service);
      const { startTimeUnixNano } = batch.columns;
      const { count: requests, rows, buckets } = readRequests(batch);
      for (let at = 0; at < requests; at += 1) {
        const slice = Math.floor(Number((startTimeUnixNano[rows[at] ?? 0] ?? 0n) - fromUnixNano) / width);
        if (slice < 0 || slice >= count) continue;
        const tally = tallyAt(slices, slice);
        tally.requests += 1;
        tally.durations.add(buckets[at] ?? 0);
      }
    });
  }

  toServices(): ServiceSlices[] {
    return Array.from(this.services.values(), ({ service, slices }) => ({
      service,
      slices: slices.flatMap((tally) => {
        const p50Ms = tally && quantileMs(tally.durations, 0.5);
        return tally && p50Ms != null ? [{ requests: tally.requests, p50Ms }] : [];
      }),
    })).filter(({ slices }) => slices.length > 0);
  }

  private slicesOf(service: ServiceKey): (SliceTally | undefined)[] {
    const id = serviceIdOf(service);
    let known = this.services.get(id);
    if (!known) {
      known = { service, slices: new Array<undefined>(this.time.count).fill(undefined) };
      this.services.set(id, known);
    }
    return known.slices;
  }
}

function tallyAt(slices: (SliceTally | undefined)[], slice: number): SliceTally {
  return (slices[slice] ??= { requests: 0, durations: new DurationSketch() });
}

function rangeOfSlices({ fromUnixNano, widthNano, count }: TimeSlices): TimeRange {
  return { fromUnixNano, toUnixNano: fromUnixNano + widthNano * BigInt(count) };
}
