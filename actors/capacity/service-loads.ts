import type { ServiceJson } from '../../proto/api/index.ts';
import type { TimeRange } from '../../proto/query/index.ts';
import type { LoadCurve } from '../../workers/outlook/index.ts';
import type { TaskRunner, Tasks } from '../../workers/pool/index.ts';
import type { QueryRun } from '../ports/index.ts';
import { atATime } from '../outlook/index.ts';
import type { QueryEngine } from '../query/index.ts';

export interface ServiceLoad {
  readonly service: ServiceJson;
  readonly requests: number;
  readonly curve: LoadCurve;
  readonly samples: readonly { readonly perSecond: number; readonly p50Ms: number }[];
}

export interface LoadSource {
  readonly query: Pick<QueryEngine, 'services'>;
  readonly threads: Pick<TaskRunner<Tasks>, 'run'>;
}

/** Enough for a curve of sixteen bins of three; each is a question to the rollups. */
const SLICES = 72;
const AT_A_TIME = 2;
const MINUTE_NS = 60_000_000_000n;

/** How latency goes with load, of the `limit` busiest services of a range. */
export async function serviceLoads(
  { query, threads }: LoadSource,
  range: TimeRange,
  limit: number,
  run: QueryRun,
): Promise<{ readonly loads: readonly ServiceLoad[]; readonly leftOut: number }> {
  const byService = new Map<
    string,
    { service: ServiceJson; requests: number; samples: ServiceLoad['samples'][number][] }
  >();
  await atATime(AT_A_TIME, slicesOf(range), async (slice) => {
    const seconds = Number(slice.toUnixNano - slice.fromUnixNano) / 1e9;
    for (const { id, namespace, name, environment, requests, p50Ms } of await query.services(slice, run)) {
      if (requests === 0 || p50Ms === null) continue;
      const service = { id, namespace, name, environment };
      const known = byService.get(id) ?? { service, requests: 0, samples: [] };
      known.requests += requests;
      known.samples.push({ perSecond: requests / seconds, p50Ms });
      byService.set(id, known);
    }
  });
  const busiest = [...byService.values()].sort((a, b) => b.requests - a.requests).slice(0, limit);
  const samples = busiest.map((one) => ({
    throughput: Float64Array.from(one.samples, ({ perSecond }) => perSecond),
    latency: Float64Array.from(one.samples, ({ p50Ms }) => p50Ms),
  }));
  const options = { signal: run.signal, deadlineMs: run.limits.deadlineMs };
  const curves = await threads.run('saturation-curves', { samples }, options);
  const loads = busiest.flatMap((one, at) => {
    const curve = curves[at];
    return curve ? [{ ...one, curve }] : [];
  });
  return { loads: loads.sort(byHeadroom), leftOut: byService.size - busiest.length };
}

function byHeadroom(a: ServiceLoad, b: ServiceLoad): number {
  const [left, right] = [a, b].map(({ curve }) => (curve.kind === 'curve' ? curve.headroom : Infinity));
  return left === right ? b.requests - a.requests : (left ?? 0) - (right ?? 0);
}

/** Of whole minutes where the range is long enough: rollups have them. */
function slicesOf({ fromUnixNano, toUnixNano }: TimeRange): TimeRange[] {
  const width = (toUnixNano - fromUnixNano) / BigInt(SLICES);
  if (width === 0n) return [];
  const unit = width >= MINUTE_NS ? MINUTE_NS : 1n;
  const whole = (width / unit) * unit;
  const end = ((toUnixNano + unit - 1n) / unit) * unit;
  const first = end - BigInt(SLICES) * whole;
  return Array.from({ length: SLICES }, (_, at) => ({
    fromUnixNano: first + BigInt(at) * whole,
    toUnixNano: first + BigInt(at + 1) * whole,
  }));
}
