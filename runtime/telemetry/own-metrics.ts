import { secondsHistogram, GRAPH_METRICS, GRAPH_SCALE, type ShadowCounts } from '../../actors/query/index.ts';
import type { InsightsStatus } from '../../actors/insights/index.ts';
import type { ArchiveProgress } from '../../actors/archive/index.ts';
import type { WindowBudget } from '../../actors/services/index.ts';
import type { ActorSystem } from '../../actors/system/index.ts';
import type { TaskCounters, Tasks, ThreadPool } from '../../workers/pool/index.ts';
import type { CallEdge } from '../../workers/topology/index.ts';
import type { Ingest } from '../ingest/index.ts';
import type { Journal } from '../journal/index.ts';
import type { OtlpReceiver } from '../receivers/otlp/index.ts';
import type { Instrument, Reading } from './instrument.ts';
import { insightInstruments } from './insight-instruments.ts';
import { LoopDelay } from './loop-delay.ts';

export interface MeasuredParts {
  readonly system: ActorSystem;
  readonly ingest: Ingest;
  readonly receiver: Pick<OtlpReceiver, 'refused'>;
  readonly journal: Journal;
  readonly budget: WindowBudget;
  readonly progress: ArchiveProgress;
  readonly threads: MeasuredPool;
  readonly shadow: ShadowCounts;
  /** Undefined where nobody looks for insights. */
  readonly insights?: InsightsStatus | undefined;
}

export type MeasuredPool = Pick<ThreadPool<Tasks>, 'threads' | 'waiting' | 'running' | 'tasks' | 'counters'>;

function byReason(signal: string, counts: ReadonlyMap<string, number>): Reading[] {
  return [...counts].map(([reason, value]) => ({ value, attributes: { signal, reason } }));
}

/** Everything the platform says about itself, in one list. Attribute values are from bounded sets. */
export function ownInstruments(parts: MeasuredParts): readonly Instrument[] {
  const { system, ingest, receiver, journal, budget, progress, threads, shadow } = parts;
  const loopDelay = new LoopDelay();
  const signals = Object.entries(ingest.counters);
  const counter = (
    name: string,
    unit: string,
    description: string,
    read: Instrument['read'],
  ): Instrument => ({
    name,
    kind: 'counter',
    unit,
    description,
    read,
  });
  const gauge = (name: string, unit: string, description: string, read: Instrument['read']): Instrument => ({
    name,
    kind: 'gauge',
    unit,
    description,
    read,
  });
  const actors = (pick: (stats: ReturnType<ActorSystem['stats']>[number]) => number): readonly Reading[] =>
    system.stats().map((stats) => ({ value: pick(stats), attributes: { kind: stats.kind } }));

  const tasks = (pick: (counters: TaskCounters) => number): readonly Reading[] =>
    [...threads.tasks].map(([task, counters]) => ({ value: pick(counters), attributes: { task } }));
  const byQuery = (counts: ReadonlyMap<string, number>): readonly Reading[] =>
    [...counts].map(([query, value]) => ({ value, attributes: { query } }));
  const one = (value: number): readonly Reading[] => [{ value, attributes: {} }];

  return [
    ...insightInstruments(parts.insights, counter, gauge),
    gauge('ophion.pool.threads', '{thread}', 'Threads that are up', () => one(threads.threads)),
    gauge('ophion.pool.waiting', '{task}', 'Tasks that wait for a thread', () => one(threads.waiting)),
    gauge('ophion.pool.running', '{task}', 'Tasks on a thread', () => one(threads.running)),
    counter('ophion.pool.threads.lost', '{thread}', 'Threads that were ended with their task', () =>
      one(threads.counters.threadsLost),
    ),
    counter('ophion.pool.completed', '{task}', 'Tasks that were answered', () =>
      tasks(({ completed }) => completed),
    ),
    counter('ophion.pool.failed', '{task}', 'Tasks that threw', () => tasks(({ failed }) => failed)),
    counter('ophion.pool.refused', '{task}', 'Tasks that found too many others waiting', () =>
      tasks(({ refused }) => refused),
    ),
    counter('ophion.pool.cancelled', '{task}', 'Tasks that nobody waited for any longer', () =>
      tasks(({ cancelled }) => cancelled),
    ),
    counter('ophion.pool.wait.time', 's', 'What tasks waited for a thread', () =>
      tasks(({ waitedMs }) => waitedMs / 1_000),
    ),
    counter('ophion.pool.run.time', 's', 'What tasks took on a thread', () =>
      tasks(({ ranMs }) => ranMs / 1_000),
    ),
    counter('ophion.tier.checks', '{query}', 'Questions that were asked of both tiers to compare them', () =>
      byQuery(shadow.checks),
    ),
    counter(
      'ophion.tier.divergence',
      '{query}',
      'Of these, questions that the tiers answered differently',
      () => byQuery(shadow.divergences),
    ),
    counter('ophion.ingest.sent', '{item}', 'Spans, points and log records that came in', () =>
      signals.map(([signal, { sent }]) => ({ value: sent, attributes: { signal } })),
    ),
    counter('ophion.ingest.accepted', '{item}', 'Spans, points and log records accepted', () =>
      signals.map(([signal, { accepted }]) => ({ value: accepted, attributes: { signal } })),
    ),
    counter(
      'ophion.ingest.repeated',
      '{item}',
      'Items of requests that were stored already and came again',
      () => signals.map(([signal, { repeated }]) => ({ value: repeated, attributes: { signal } })),
    ),
    counter('ophion.ingest.rejected', '{item}', 'Items that a sender was told are invalid, by reason', () =>
      signals.flatMap(([signal, { rejected }]) => byReason(signal, rejected)),
    ),
    counter('ophion.ingest.refused', '{item}', 'Items that a sender was asked to send again, by reason', () =>
      signals.flatMap(([signal, { refused }]) => byReason(signal, refused)),
    ),
    counter('ophion.ingest.refused.requests', '{request}', 'Requests refused, by reason', () =>
      signals.flatMap(([signal, { refusedRequests }]) => byReason(signal, refusedRequests)),
    ),
    counter('ophion.archive.items', '{item}', 'Items that ClickHouse has acknowledged', () =>
      signals.map(([signal, { archived }]) => ({ value: archived, attributes: { signal } })),
    ),
    counter(
      'ophion.receiver.refused',
      '{request}',
      'Requests that did not come as far as being counted by items, by reason',
      () => [...receiver.refused].map(([reason, value]) => ({ value, attributes: { reason } })),
    ),
    counter('ophion.ingest.undecodable', '{request}', 'Requests that were not OTLP', () =>
      signals.map(([signal, { undecodable }]) => ({ value: undecodable, attributes: { signal } })),
    ),
    counter('ophion.ingest.requests', '{request}', 'Export requests received', () =>
      signals.map(([signal, { requests }]) => ({ value: requests, attributes: { signal } })),
    ),
    counter('ophion.ingest.size', 'By', 'Bytes of export requests, decompressed', () =>
      signals.map(([signal, { bytes }]) => ({ value: bytes, attributes: { signal } })),
    ),
    gauge('ophion.actor.waiting', '{message}', 'Messages in mailboxes', () =>
      actors(({ waiting }) => waiting),
    ),
    gauge('ophion.actor.count', '{actor}', 'Living actors', () => actors((stats) => stats.actors)),
    counter('ophion.actor.processed', '{message}', 'Messages processed', () =>
      actors(({ processed }) => processed),
    ),
    counter('ophion.actor.refused', '{message}', 'Messages that found a full mailbox', () =>
      actors(({ refused }) => refused),
    ),
    counter('ophion.actor.crashes', '{crash}', 'Messages on which an actor threw', () =>
      actors(({ crashes }) => crashes),
    ),
    gauge('ophion.window.size', 'By', 'Column memory of all windows', () => [
      { value: budget.usedBytes, attributes: {} },
    ]),
    gauge('ophion.journal.size', 'By', 'Journal on disk that waits to be archived', () => [
      { value: journal.statistics().usedBytes, attributes: {} },
    ]),
    gauge('ophion.archive.lag', '{segment}', 'Sealed journal segments that wait to be archived', () => [
      { value: progress.waitingSegments, attributes: {} },
    ]),
    gauge(
      'ophion.archive.waiting',
      '{item}',
      'Items in the journal that no query finds until they are archived',
      () => [{ value: budget.waitingItems, attributes: {} }],
    ),
    counter('ophion.archive.reread', '{segment}', 'Segments that were read again to be archived', () => [
      { value: progress.rereadSegments, attributes: {} },
    ]),
    counter('ophion.archive.failures', '{insert}', 'Archive inserts that failed and were tried again', () => [
      { value: progress.failures, attributes: {} },
    ]),
    gauge('ophion.eventloop.delay', 's', 'Event loop delay since the last report, by quantile', () =>
      loopDelay
        .take([0.5, 0.99])
        .map(([quantile, value]) => ({ value, attributes: { quantile: String(quantile) } })),
    ),
    gauge('process.memory.usage', 'By', 'Resident memory', () => [
      { value: process.memoryUsage.rss(), attributes: {} },
    ]),
    counter('process.cpu.time', 's', 'Processor time', () => {
      const { user, system: kernel } = process.cpuUsage();
      return [
        { value: user / 1e6, attributes: { 'cpu.mode': 'user' } },
        { value: kernel / 1e6, attributes: { 'cpu.mode': 'system' } },
      ];
    }),
  ];
}

interface ReportTimes {
  readonly startUnixNano: bigint;
  readonly sinceUnixNano: bigint;
  readonly nowUnixNano: bigint;
}

const DELTA = 1;
const CUMULATIVE = 2;

/** `ExportMetricsServiceRequest` in OTLP/JSON: our own words go in by the same door as everybody's. */
export function ownMetricsRequest(
  instruments: readonly Instrument[],
  edges: readonly CallEdge[],
  version: string,
  times: ReportTimes,
): Uint8Array {
  const metrics = [
    ...instruments.map((instrument) => instrumentJson(instrument, times)),
    ...edgeMetrics(edges, times),
  ];
  const resource = { attributes: attributesJson({ 'service.name': 'ophion', 'service.version': version }) };
  const scope = { name: 'ophion', version };
  return Buffer.from(JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }] }));
}

function instrumentJson({ name, kind, unit, description, read }: Instrument, times: ReportTimes): object {
  const dataPoints = read().map(({ value, attributes }) => ({
    ...(kind === 'counter' ? { startTimeUnixNano: String(times.startUnixNano) } : {}),
    timeUnixNano: String(times.nowUnixNano),
    attributes: attributesJson(attributes),
    ...(Number.isInteger(value) ? { asInt: String(value) } : { asDouble: value }),
  }));
  const data =
    kind === 'counter'
      ? { sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints } }
      : { gauge: { dataPoints } };
  return { name, unit, description, ...data };
}

function edgeMetrics(edges: readonly CallEdge[], times: ReportTimes): object[] {
  if (edges.length === 0) return [];
  const shared = ({ from, to }: CallEdge): object => ({
    startTimeUnixNano: String(times.sinceUnixNano),
    timeUnixNano: String(times.nowUnixNano),
    attributes: attributesJson({ client: from.id, server: to.id, connection_type: to.type }),
  });
  const seconds = edges.map((edge) => {
    const { offset, bucketCounts, sum } = secondsHistogram(edge.durations);
    return {
      ...shared(edge),
      count: String(edge.requests),
      sum,
      scale: GRAPH_SCALE,
      zeroCount: '0',
      positive: { offset, bucketCounts: bucketCounts.map(String) },
    };
  });
  const failed = edges
    .filter(({ errors }) => errors > 0)
    .map((edge) => ({ ...shared(edge), asInt: String(edge.errors) }));
  return [
    {
      name: GRAPH_METRICS.seconds,
      unit: 's',
      description: 'Calls between services, as the caller measured them',
      exponentialHistogram: { aggregationTemporality: DELTA, dataPoints: seconds },
    },
    {
      name: GRAPH_METRICS.failed,
      unit: '{request}',
      description: 'Calls between services that failed',
      sum: { aggregationTemporality: DELTA, isMonotonic: true, dataPoints: failed },
    },
  ];
}

function attributesJson(attributes: Readonly<Record<string, string>>): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: { stringValue: value } }));
}
