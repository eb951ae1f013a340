import { monitorEventLoopDelay } from 'node:perf_hooks';
import { EMPTY_HISTORY, unboundedRun } from '../../actors/fixtures/index.ts';
import { QueryEngine } from '../../actors/query/index.ts';
import { spawnServicesActor, WindowBudget } from '../../actors/services/index.ts';
import { startActorSystem } from '../../actors/system/index.ts';
import { spawnTopologyActor } from '../../actors/topology/index.ts';
import type { Batch } from '../../proto/columns/index.ts';
import { EVERYTHING, type SearchExpression } from '../../proto/query/index.ts';
import { spanJson } from '../../workers/json/index.ts';
import { TASKS, TASKS_THREAD_URL, ThreadPool } from '../../workers/pool/index.ts';
import { parseSearch } from '../../workers/search/index.ts';
import type { SpanJson } from '../../proto/api/index.ts';
import { number, optionalNumber, readOptions } from '../read-options.ts';
import { NAIVE_QUERIES } from './naive-queries.ts';
import { makeSpanWindows } from './span-windows.ts';

const SAMPLED_SPANS = 50_000;
const EVER = { fromUnixNano: 0n, toUnixNano: 2n ** 63n - 1n };

/**
 * Questions of all spans in the windows (`--spans`), each `--rounds` times, through the query engine and its threads. `ratio` is
 * against plain loops over decoded spans, on a sample of 50,000 and scaled to all: the least of the four questions. `cpuMs` is of
 * all threads, a question.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const values = readOptions(args, {
    spans: number(5_000_000, 'spans in the windows'),
    rounds: number(40, 'times that each question is asked: a p95 of ten is their slowest'),
    threads: optionalNumber('threads of the pool; without it as many as the platform takes'),
  });
  const threads = new ThreadPool({
    tasks: TASKS,
    threadUrl: TASKS_THREAD_URL,
    ...(values.threads === undefined ? {} : { threads: values.threads }),
  });
  const { query, spans, sample, stop } = await fillWindows(values.spans, threads);
  const questions = questionsOf(query);
  const first = await timed(questions.search, 0);
  const figures: Record<string, unknown> = {};
  const all: number[] = [];
  let ratio = Infinity;
  let loopP99 = 0;
  let loopMax = 0;
  for (const [name, ask] of Object.entries(questions)) {
    await ask(0);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const times: number[] = [];
    const cpu = process.cpuUsage();
    for (let round = 0; round < values.rounds; round += 1) times.push(await timed(ask, round));
    delay.disable();
    loopP99 = Math.max(loopP99, delay.percentile(99) / 1e6);
    loopMax = Math.max(loopMax, delay.max / 1e6);
    const { user, system } = process.cpuUsage(cpu);
    const p95Ms = quantile(times, 0.95);
    const naiveMs = (naiveTime(name, sample) * spans) / sample.length;
    all.push(p95Ms);
    ratio = Math.min(ratio, naiveMs / quantile(times, 0.5));
    figures[name] = {
      p50Ms: rounded(quantile(times, 0.5)),
      p95Ms: rounded(p95Ms),
      cpuMs: rounded((user + system) / 1e3 / times.length),
      naiveMs: rounded(naiveMs),
    };
  }
  const { rss } = process.memoryUsage();
  await stop();
  return {
    spans,
    p95Ms: rounded(Math.max(...all)),
    ratio: rounded(ratio),
    ...figures,
    firstMs: rounded(first),
    eventLoopP99Ms: rounded(loopP99),
    eventLoopMaxMs: rounded(loopMax),
    rssMb: Math.round(rss / 1e6),
  };
}

type Ask = (round: number) => Promise<unknown>;

function questionsOf(query: QueryEngine): Record<'search' | 'group' | 'facets' | 'diff', Ask> {
  const selection = (line: string): { search: SearchExpression; range: typeof EVER } => ({
    search: searchOf(line),
    range: EVER,
  });
  return {
    search: (round) =>
      query.findTraces(searchOf(`enduser.id:user-${4_200 + round}*`), EVER, { limit: 50 }, unboundedRun()),
    group: () =>
      query.aggregate(
        {
          signal: 'traces',
          search: EVERYTHING,
          range: EVER,
          groupBy: [{ type: 'attribute', owner: 'any', key: 'http.route' }],
          numbers: [{ type: 'duration' }],
          distincts: [],
        },
        50,
        unboundedRun(),
      ),
    facets: () =>
      query.countValues({ signal: 'traces', selections: [selection('')], mostValues: 100 }, unboundedRun()),
    diff: () =>
      query.countValues(
        {
          signal: 'traces',
          selections: [
            selection('http.response.status_code>=500'),
            selection('http.response.status_code<500'),
          ],
          mostValues: 100,
        },
        unboundedRun(),
      ),
  };
}

function searchOf(line: string): SearchExpression {
  const parsed = parseSearch(line, 'traces');
  if ('error' in parsed) throw new Error(parsed.error.expected);
  return parsed.expression;
}

async function fillWindows(
  wanted: number,
  threads: ThreadPool<typeof TASKS>,
): Promise<{ query: QueryEngine; spans: number; sample: SpanJson[]; stop: () => Promise<void> }> {
  const system = startActorSystem(({ error }) => {
    throw error;
  });
  const budget = new WindowBudget({ maxBytes: 16e9, maxAgeMs: 3_600_000 });
  const services = spawnServicesActor(system, { budget, now: Date.now });
  const query = new QueryEngine({
    system,
    services,
    topology: spawnTopologyActor(system),
    progress: { through: 0, failures: 0, waitingSegments: 0, rereadSegments: 0 },
    history: EMPTY_HISTORY,
    threads,
    self: { namespace: '', name: 'ophion', environment: '' },
  });
  const sample: SpanJson[] = [];
  let spans = 0;
  await makeSpanWindows(wanted, (request, batches) => {
    system.tell(services, { type: 'append', segment: 1 + Math.floor(request / 300), batches });
    for (const { service, batch } of batches) {
      spans += batch.rowCount;
      for (let row = 0; row < batch.rowCount && sample.length < SAMPLED_SPANS; row += 1) {
        sample.push(spanJson(service, batch as Batch<'traces'>, row));
      }
    }
  });
  await system.idle();
  return {
    query,
    spans,
    sample,
    async stop() {
      await threads.close();
      system.stop();
    },
  };
}

/** The second of two runs, when everything is compiled. */
function naiveTime(name: string, sample: readonly SpanJson[]): number {
  const ask = NAIVE_QUERIES[name];
  if (!ask) throw new Error(`there is no naive ${name}`);
  ask(sample);
  const start = performance.now();
  ask(sample);
  return performance.now() - start;
}

async function timed(ask: Ask, round: number): Promise<number> {
  const start = performance.now();
  await ask(round);
  return performance.now() - start;
}

function quantile(times: readonly number[], q: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
