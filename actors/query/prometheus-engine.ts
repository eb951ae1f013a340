import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MetricJson } from '../../proto/api/index.ts';
import type { TimeRange } from '../../proto/query/index.ts';
import type { Batch } from '../../proto/columns/index.ts';
import { hoursOfPoints, rangeOfMs, readingOf, type PointReading } from '../../workers/hours/index.ts';
import {
  hourFigure,
  isAccumulated,
  selectedNames,
  selectsTargetInfo,
  type StreamChunk,
  type StreamMetric,
} from '../../workers/otlp-series/index.ts';
import {
  labelsFound,
  packPoints,
  type FetchedSelector,
  type GatheredPoints,
  type PackedPoints,
  type PromqlAnswer,
} from '../../workers/prometheus/index.ts';
import {
  type LabelMatcher,
  type Labels,
  parsePromql,
  planSelections,
  type QueryWindow,
  type SelectedRanges,
  type Selection,
} from '../../workers/promql/index.ts';
import type { QueryRun, StreamSelection, TelemetryHistory } from '../ports/index.ts';
import { partsWithin, runOptions, type HotPart, type Threads } from './hot-scan.ts';
import { type HotTier, type HotTierSource, readHotTier } from './hot-tier.ts';
import { hotMetrics, mergeMetrics } from './metrics.ts';

export interface PrometheusEngineOptions extends HotTierSource {
  readonly history: TelemetryHistory;
  readonly threads: Threads;
}

export interface PromqlRequest {
  readonly query: string;
  readonly window: QueryWindow;
  readonly lookbackMs: number;
  /** Series of the answer at most; 0 for all. */
  readonly limit: number;
}

/** Samples that one query may read and make: what Prometheus allows by default. */
const MAX_SAMPLES = 50_000_000;

/** Answers PromQL from windows and archive together: no sample is lost at the seam, none comes twice. */
export class PrometheusEngine {
  private readonly options: PrometheusEngineOptions;

  constructor(options: PrometheusEngineOptions) {
    this.options = options;
  }

  /** Rejects with `PromqlSyntaxError`, `PromqlExecutionError` before anything is read. */
  async evaluate({ query, window, lookbackMs, limit }: PromqlRequest, run: QueryRun): Promise<PromqlAnswer> {
    const selections = planSelections(parsePromql(query), window, lookbackMs);
    const selectors = await run.timed('fetch', () => this.fetch(selections, run));
    return run.timed('evaluate', () =>
      this.options.threads.run(
        'answer-promql',
        { query, window, lookbackMs, maxSamples: MAX_SAMPLES, limit, selectors },
        { signal: run.signal, deadlineMs: run.limits.deadlineMs },
      ),
    );
  }

  /** The labels of all series that any of the selectors finds; each once. */
  async series(
    selectors: readonly (readonly LabelMatcher[])[],
    range: TimeRange,
    run: QueryRun,
  ): Promise<readonly Labels[]> {
    const tier = await readHotTier(this.options, 'metrics', run);
    const metrics = await run.timed('cold', () => this.coldMetrics(tier, range, run));
    const found = new Map<string, Labels>();
    for (const matchers of selectors) {
      const parts = partsWithin(tier, range, run, 'oldest-first');
      const [cold, hot] = await Promise.all([
        run.timed('cold', () => this.readArchive(tier, metrics, matchers, range, run, false)),
        run.timed('hot', () =>
          this.options.threads.scan('find-series', parts, { matchers, range }, runOptions(run)),
        ),
      ]);
      for (const labels of [...(await labelsInTurns(cold, matchers, run)), ...hot.flat()]) {
        found.set(labels.join('\u0001'), labels);
      }
    }
    return [...found.values()];
  }

  /** All metrics with points in the range. */
  async metrics(range: TimeRange, run: QueryRun): Promise<readonly MetricJson[]> {
    const tier = await readHotTier(this.options, 'metrics', run);
    const cold = await run.timed('cold', () => this.coldMetrics(tier, range, run));
    const { threads } = this.options;
    return mergeMetrics(await run.timed('hot', () => hotMetrics(threads, tier, range, run)), cold);
  }

  private coldMetrics({ through }: HotTier<'metrics'>, range: TimeRange, run: QueryRun) {
    return this.options.history.metrics(undefined, range, through, run);
  }

  private async fetch(selections: readonly Selection[], run: QueryRun): Promise<FetchedSelector[]> {
    // One snapshot for all selectors: a query sees one state.
    const tier = await readHotTier(this.options, 'metrics', run);
    const fetched: FetchedSelector[] = [];
    for (const { ordinal, matchers, afterMs, untilMs, ranges } of selections) {
      const range = rangeOfMs(afterMs, untilMs);
      const metrics = await this.coldMetrics(tier, range, run);
      const parts = partsWithin(tier, range, run, 'oldest-first');
      const over = ranges && { functionName: ranges.functionName, reading: coldReading(ranges, parts) };
      const [cold, hot] = await Promise.all([
        this.readArchive(tier, metrics, matchers, range, run, true, over),
        this.options.threads.scan('gather-points', parts, { matchers, range }, runOptions(run)),
      ]);
      fetched.push({ ordinal, matchers, points: [...(await packInTurns(cold, run)), ...hot] });
    }
    return fetched;
  }

  private async readArchive(
    { through }: HotTier<'metrics'>,
    metrics: readonly MetricJson[],
    matchers: readonly LabelMatcher[],
    range: TimeRange,
    run: QueryRun,
    needsPoints: boolean,
    over?: FunctionOverRanges,
  ): Promise<GatheredPoints> {
    const { history } = this.options;
    const isWanted = (metric: StreamMetric): boolean => selectedNames(metric, matchers).length > 0;
    const wanted = metrics.map(streamMetric).filter(isWanted);
    const chunks: StreamChunk[] = [];
    for (const kind of new Set(wanted.map((metric) => metric.kind))) {
      const ofKind = wanted.filter((metric) => metric.kind === kind);
      const names = new Set(ofKind.map(({ name }) => name));
      const needsSums = wanted.some((metric) =>
        selectedNames(metric, matchers).some(({ part }) => SUMMED.has(part)),
      );
      const selection = {
        ...{ names: [...names], kind, needsPoints, needsSums },
        ...pushedDown(matchers),
        ...(over && narrowed(over, ofKind, matchers)),
      };
      const cold = await history.metricStreams(selection, range, through, run);
      run.countRead(
        'cold',
        cold.reduce((sum, { points }) => sum + points.timesMs.length, 0),
        0,
      );
      // The archive knows names; a name may have been sent with several units.
      for (const chunk of cold) if (isWanted(chunk.stream.metric)) chunks.push(chunk);
    }
    if (!selectsTargetInfo(matchers)) return { chunks, seen: [] };
    const seen = needsPoints
      ? await history.seenResources(range, through, run)
      : await history.listResources(range, through, run);
    return { chunks, seen };
  }
}

interface FunctionOverRanges {
  readonly functionName: string;
  readonly reading: PointReading;
}

/** Hours that windows have points of, too, must be read point by point: what suffices of a part need not suffice of all. */
function coldReading(ranges: SelectedRanges, parts: readonly HotPart[]): PointReading {
  const pointwise = hoursOfPoints(parts.map(({ batch }) => batch as Batch<'metrics'>));
  return { ...readingOf(ranges), pointwise };
}

/** Where a function needs points of these metrics, and what suffices of whole hours: for all of them the same, or the points. */
function narrowed(
  { functionName, reading }: FunctionOverRanges,
  metrics: readonly StreamMetric[],
  matchers: readonly LabelMatcher[],
): Pick<StreamSelection, 'reading' | 'figure'> {
  // Their totals count all that was read before.
  if (metrics.some(isAccumulated)) return {};
  const [figure, ...others] = new Set(metrics.map((metric) => hourFigure(functionName, metric, matchers)));
  return { reading, ...(figure !== undefined && others.length === 0 && { figure }) };
}

/** Of streams packed between two turns of the event loop; some milliseconds. */
const TURN_BYTES = 4 * 2 ** 20;
const TURN_CHUNKS = 256;
/** Streams whose labels are made between two turns; some milliseconds. */
const TURN_LABELS = 128;

async function labelsInTurns(
  { chunks, seen }: GatheredPoints,
  matchers: readonly LabelMatcher[],
  run: QueryRun,
): Promise<Labels[]> {
  const found = labelsFound({ chunks: [], seen }, matchers);
  for (let from = 0; from < chunks.length; from += TURN_LABELS) {
    const some = chunks.slice(from, from + TURN_LABELS);
    for (const labels of labelsFound({ chunks: some, seen: [] }, matchers)) found.push(labels);
    await nextTurn();
    run.signal.throwIfAborted();
  }
  return found;
}

async function packInTurns({ chunks, seen }: GatheredPoints, run: QueryRun): Promise<PackedPoints[]> {
  const packed = seen.length > 0 ? [packPoints({ chunks: [], seen })] : [];
  let from = 0;
  let sizeBytes = 0;
  for (const [index, { points }] of chunks.entries()) {
    sizeBytes +=
      points.timesMs.byteLength * 4 + points.buckets.items.byteLength + points.positive.items.byteLength;
    const isFull = sizeBytes >= TURN_BYTES || index + 1 - from === TURN_CHUNKS;
    if (!isFull && index + 1 < chunks.length) continue;
    packed.push(packPoints({ chunks: chunks.slice(from, index + 1), seen: [] }));
    [from, sizeBytes] = [index + 1, 0];
    await nextTurn();
    run.signal.throwIfAborted();
  }
  return packed;
}

function streamMetric({ name, unit, kind, temporality, monotonic }: MetricJson): StreamMetric {
  return { name, unit, kind, temporality, isMonotonic: monotonic };
}

/** What of a histogram shows its sum. */
const SUMMED: ReadonlySet<string> = new Set(['sum', 'native']);
/** Labels that no attribute of a point is. */
const SYNTHETIC: ReadonlySet<string> = new Set(['__name__', 'le', 'quantile', 'job', 'instance']);

/** Conditions that the archive can check by itself: it reads fewer points, and all that it leaves out would not match. */
function pushedDown(matchers: readonly LabelMatcher[]): Pick<StreamSelection, 'labels' | 'job'> {
  const equal = matchers.filter(({ operator, value }) => operator === '=' && value !== '');
  const job = equal.find(({ name }) => name === 'job')?.value;
  const labels = equal.filter(({ name, value }) => {
    const isJoined = value.includes(';');
    return !SYNTHETIC.has(name) && !name.startsWith('otel_scope_') && !name.startsWith('key_') && !isJoined;
  });
  return { labels, ...(job === undefined ? {} : { job }) };
}
