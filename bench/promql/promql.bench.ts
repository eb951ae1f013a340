import { mergesAreDone } from '../platform/archive-level.ts';
import { adminToken } from '../../runtime/end-to-end/index.ts';
import { startPlatform } from '../platform/start-platform.ts';
import { number, readOptions } from '../read-options.ts';
import { fillPlatform } from './fill-platform.ts';
import { fillPrometheus } from './remote-write.ts';
import { runPrometheus } from './run-prometheus.ts';
import { BUCKETS, SERIES_NAME, STEP_MS, timeOf, type Workload } from './workload.ts';

const QUERY = `sum by (le)(rate(${SERIES_NAME}[5m]))`;
const QUERY_STEP_S = 60;
const BESIDE_SAMPLES_S = 5;

/** Answers of a range query: values by time and `le`. */
type Values = ReadonlyMap<string, number>;

/**
 * How long a range query takes from the request to the last byte of its answer, here with all samples in the archive,
 * and in Debian's `prometheus` over the same samples; in turns. `ratio` is ours over theirs, of the medians.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const values = readOptions(args, {
    series: number(10_000, 'series'),
    hours: number(6, 'hours of samples, one every 15 s'),
    rounds: number(5, 'times that each side is asked, by turns'),
  });
  const points = Math.round((values.hours * 3_600_000) / STEP_MS);
  const endMs = Math.floor(Date.now() / 60_000) * 60_000;
  const workload: Workload = {
    histograms: Math.round(values.series / BUCKETS),
    startMs: endMs - (points - 1) * STEP_MS,
    points,
  };
  const prometheus = await runPrometheus();
  const platform = await startPlatform({
    OPHION_WINDOW_MINUTES: '1',
    OPHION_ARCHIVE_MAX_AGE_SECONDS: '5',
    OPHION_QUERY_TIMEOUT_SECONDS: '600',
  });
  try {
    if (prometheus) await fillPrometheus(prometheus.port, workload);
    await fillPlatform(platform, workload);
    await mergesAreDone(platform.pid);
    const ours = {
      url: `http://127.0.0.1:${platform.ports.api}/prometheus`,
      headers: { authorization: `Bearer ${await adminToken(platform.ports.api)}` },
    };
    const theirs = prometheus && { url: `http://127.0.0.1:${prometheus.port}`, headers: {} };
    const times = await measure([ours, ...(theirs === undefined ? [] : [theirs])], workload, values.rounds);
    const [oursMs = NaN, theirsMs] = times.map(({ ms }) => median(ms));
    const [mine, other] = times.map((timed) => timed.answer);
    return {
      series: workload.histograms * BUCKETS,
      samples: workload.histograms * BUCKETS * points,
      oursMs: Math.round(oursMs),
      ...(theirsMs === undefined || mine === undefined || other === undefined
        ? { prometheus: 'not installed' }
        : {
            prometheus: prometheus?.version,
            prometheusMs: Math.round(theirsMs),
            ratio: Math.round((oursMs / theirsMs) * 100) / 100,
            points: mine.size,
            largestDifference: largestDifference(mine, other),
          }),
    };
  } finally {
    await platform.stop();
    await prometheus?.stop();
  }
}

interface Timed {
  readonly ms: number[];
  answer: Values;
}

interface Source {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function measure(sources: readonly Source[], workload: Workload, rounds: number): Promise<Timed[]> {
  const timed: Timed[] = sources.map(() => ({ ms: [], answer: new Map<string, number>() }));
  // The first round warms both up and does not count.
  for (let round = 0; round <= rounds; round++) {
    for (const [at, source] of sources.entries()) {
      const begin = performance.now();
      const text = await ask(source, workload);
      const one = timed[at];
      if (round > 0) one?.ms.push(performance.now() - begin);
      if (round === 0 && one) one.answer = valuesOf(text);
    }
  }
  return timed;
}

async function ask({ url, headers }: Source, workload: Workload): Promise<string> {
  const parameters = new URLSearchParams({
    query: QUERY,
    // No sample at a border of a range: Debian's version still counts the one at its beginning, version 3 and we do not.
    start: String(timeOf(workload, 0) / 1000 + BESIDE_SAMPLES_S),
    end: String(timeOf(workload, workload.points - 1) / 1000),
    step: String(QUERY_STEP_S),
    timeout: '600',
  });
  const response = await fetch(`${url}/api/v1/query_range?${parameters.toString()}`, { headers });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return text;
}

function valuesOf(text: string): Values {
  const { data } = JSON.parse(text) as {
    readonly data: {
      readonly result: readonly {
        readonly metric: { readonly le: string };
        readonly values: readonly [number, string][];
      }[];
    };
  };
  return new Map(
    data.result.flatMap(({ metric, values }) =>
      values.map(([time, value]) => [`${metric.le} ${time}`, Number(value)] as const),
    ),
  );
}

/** Relative; Infinity where one side has a point that the other has not. */
function largestDifference(left: Values, right: Values): number {
  if (left.size !== right.size) return Infinity;
  let largest = 0;
  for (const [key, value] of left) {
    const other = right.get(key);
    if (other === undefined) return Infinity;
    if (value !== other) {
      largest = Math.max(largest, Math.abs(value - other) / Math.max(Math.abs(value), Math.abs(other)));
    }
  }
  return largest;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
