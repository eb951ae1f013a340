import type { ServiceJson } from '../../proto/api/index.ts';
import { serviceIdOf } from '../../proto/columns/index.ts';
import type { TimeRange } from '../../proto/query/index.ts';
import type { LoadCurve } from '../../workers/outlook/index.ts';
import type { TaskRunner, Tasks } from '../../workers/pool/index.ts';
import type { QueryRun, TimeSlices } from '../ports/index.ts';
import type { QueryEngine } from '../query/index.ts';

export interface ServiceLoad {
  readonly service: ServiceJson;
  readonly requests: number;
  readonly curve: LoadCurve;
  readonly samples: readonly { readonly perSecond: number; readonly p50Ms: number }[];
}

export interface LoadSource {
  readonly query: Pick<QueryEngine, 'loads'>;
  readonly threads: Pick<TaskRunner<Tasks>, 'run'>;
}

/** Enough for a curve of sixteen bins of three. */
const SLICES = 72;
const MINUTE_NS = 60_000_000_000n;

/** How latency goes with load, of the `limit` busiest services of a range. */
export async function serviceLoads(
  { query, threads }: LoadSource,
  range: TimeRange,
  limit: number,
  run: QueryRun,
): Promise<{ readonly loads: readonly ServiceLoad[]; readonly leftOut: number }> {
  const time = slicesOf(range);
  const seconds = Number(time.widthNano) / 1e9;
  const all = (await query.loads(time, run)).map(({ service, slices }) => ({
    service: { id: serviceIdOf(service), ...service },
    requests: slices.reduce((sum, { requests }) => sum + requests, 0),
    samples: slices.map(({ requests, p50Ms }) => ({ perSecond: requests / seconds, p50Ms })),
  }));
  const busiest = all.sort((a, b) => b.requests - a.requests).slice(0, limit);
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
  return { loads: loads.sort(byHeadroom), leftOut: all.length - busiest.length };
}

function byHeadroom(a: ServiceLoad, b: ServiceLoad): number {
  const [left, right] = [a, b].map(({ curve }) => (curve.kind === 'curve' ? curve.headroom : Infinity));
  return left === right ? b.requests - a.requests : (left ?? 0) - (right ?? 0);
}

/** Of whole minutes where the range is long enough: rollups have them. */
function slicesOf({ fromUnixNano, toUnixNano }: TimeRange): TimeSlices {
  const count = BigInt(SLICES);
  const width = (toUnixNano - fromUnixNano) / count;
  if (width < MINUTE_NS) return { fromUnixNano, widthNano: width, count: width > 0n ? SLICES : 0 };
  const widthNano = (width / MINUTE_NS) * MINUTE_NS;
  const end = ((toUnixNano + MINUTE_NS - 1n) / MINUTE_NS) * MINUTE_NS;
  return { fromUnixNano: end - count * widthNano, widthNano, count: SLICES };
}
