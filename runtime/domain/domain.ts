import { spawnArchiveActor, type ArchiveProgress, type ArchiveRef } from '../../actors/archive/index.ts';
import { CapacityReport } from '../../actors/capacity/index.ts';
import { spawnLiveActor, type LiveRef, type PublishFrame } from '../../actors/live/index.ts';
import type {
  QueryLimits,
  SegmentSource,
  TelemetryArchive,
  TelemetryHistory,
} from '../../actors/ports/index.ts';
import {
  NOTHING_EXPECTED,
  nothingWatched,
  type CausesAnswer,
  type CausesQuery,
  type ExpectedFigures,
  type ExpectedQuery,
  type PatternList,
  type PatternListQuery,
} from '../../actors/insights/index.ts';
import { OutlookEngine } from '../../actors/outlook/index.ts';
import { AskedMetrics, PrometheusEngine, QueryEngine, ShadowCheck } from '../../actors/query/index.ts';
import { spawnServicesActor, WindowBudget, type ServicesRef } from '../../actors/services/index.ts';
import { startActorSystem, type ActorSystem } from '../../actors/system/index.ts';
import { spawnTopologyActor, type TopologyRef } from '../../actors/topology/index.ts';
import type { ServiceBatch, ServiceKey } from '../../proto/columns/index.ts';
import { TASKS, TASKS_THREAD_URL, ThreadPool, type Tasks } from '../../workers/pool/index.ts';
import type { Logger } from '../log/index.ts';
import { startAnalysis, type Analysis, type AnalysisOptions } from './analysis.ts';

export interface DomainOptions {
  readonly archive: TelemetryArchive;
  readonly history: TelemetryHistory;
  readonly source: SegmentSource;
  readonly archivedThrough: number;
  /** The archive has the segment. */
  readonly onArchived: (segment: number) => void;
  readonly publish: PublishFrame;
  /** What threads load; the sources without it. */
  readonly threadUrl?: string | undefined;
  readonly windowMaxBytes: number;
  readonly windowMaxAgeMs: number;
  /** Nothing on disk holds what is not archived yet. */
  readonly keepsUnarchived?: boolean;
  /** Questions that are asked again to compare the tiers; without it none. */
  readonly shadow?: { readonly share: number; readonly limits: QueryLimits };
  /** Where what is found out is kept; without it nobody looks for anything. */
  readonly analysis?: Pick<
    AnalysisOptions,
    'store' | 'changes' | 'templates' | 'watchState' | 'learned' | 'sizes' | 'limits'
  >;
  readonly log: Logger;
}

/** The actors, and what one needs of them. */
export interface Domain {
  readonly system: ActorSystem;
  readonly services: ServicesRef;
  readonly topology: TopologyRef;
  readonly live: LiveRef;
  readonly archive: ArchiveRef;
  readonly progress: ArchiveProgress;
  readonly budget: WindowBudget;
  readonly query: QueryEngine;
  readonly threads: ThreadPool<Tasks>;
  readonly prometheus: PrometheusEngine;
  /** What is expected of series, and what runs out: from history, on demand. */
  readonly outlook: OutlookEngine;
  readonly capacity: CapacityReport;
  readonly shadow: ShadowCheck;
  /** What is abnormal, coming, or could be better. */
  readonly analysis: Analysis | undefined;
  /** Of log records, as they are now; none where nobody looks for anything. */
  readonly listPatterns: (query: PatternListQuery) => Promise<PatternList>;
  /** Of a service's requests; nothing where nobody looks for anything. */
  readonly readExpected: (query: ExpectedQuery) => Promise<ExpectedFigures>;
  /** Why a service is not as it was; nothing is known of any where nobody looks for anything. */
  readonly findCauses: (query: CausesQuery) => Promise<CausesAnswer>;
  /** Batches of one accepted, durable request go to all who want them. */
  readonly deliver: (segment: number, batches: readonly ServiceBatch[]) => void;
  readonly stop: () => Promise<void>;
}

/** As whom the platform reports about itself. */
export const SELF: ServiceKey = { namespace: '', name: 'ophion', environment: '' };

const NO_SHADOW = { share: 0, limits: { deadlineMs: 0, maxRowsRead: 0, maxBytesRead: 0 } };
const NO_PATTERNS: PatternList = { patterns: [], count: 0, more: false, sinceUnixMs: null };
const LIVE_TICK_MS = 1_000;
const TAIL_FLUSH_MS = 100;
const TOPOLOGY_ROTATE_MS = 5_000;

export function startDomain(options: DomainOptions): Domain {
  const { log } = options;
  const system = startActorSystem(({ actor, kind, error }) => {
    log.error({ actor, kind, err: error }, 'an actor crashed on a message and goes on without it');
  });
  const threads = new ThreadPool({ tasks: TASKS, threadUrl: options.threadUrl ?? TASKS_THREAD_URL });
  const budget = new WindowBudget({
    maxBytes: options.windowMaxBytes,
    maxAgeMs: options.windowMaxAgeMs,
    keepsUnarchived: options.keepsUnarchived ?? false,
  });
  const services = spawnServicesActor(system, {
    budget,
    onEvicted(segments) {
      system.tell(archive, { type: 'evicted', segments });
      threads.evict(segments);
    },
    onJoined(segments) {
      threads.release(segments);
    },
    now: Date.now,
  });
  const topology = spawnTopologyActor(system);
  const live = spawnLiveActor(system, { services, budget, publish: options.publish, now: Date.now });
  const { ref: archive, progress } = spawnArchiveActor(system, {
    archive: options.archive,
    source: options.source,
    memory: budget,
    archivedThrough: options.archivedThrough,
    onArchived(segment) {
      options.onArchived(segment);
      system.tell(services, { type: 'archived', through: segment });
    },
    onFailure(failure) {
      log.warn(
        { segment: failure.segment, retryMs: failure.retryMs, err: failure.error },
        'the archive did not take a segment; it is kept in the journal and tried again',
      );
    },
    onIncomplete(lack) {
      log.error(lack, 'a segment went into the archive with fewer items than were accepted');
    },
  });
  const engine = { system, services, topology, progress, history: options.history, threads, self: SELF };
  const shadow = new ShadowCheck({
    engine,
    ...(options.shadow ?? NO_SHADOW),
    random: Math.random,
    onDivergence: (divergence) => {
      log.error(divergence, 'windows and archive answer a question differently');
    },
    onFailure: (error) => {
      log.debug({ err: error }, 'a question could not be asked again to compare the tiers');
    },
  });
  const query = shadow.watchQueries(new QueryEngine(engine));
  const prometheus = shadow.watchPrometheus(new PrometheusEngine(engine));
  const capacity = new CapacityReport({ prometheus, query, threads });
  // What the platform asks by itself is nobody's question.
  const asked = new AskedMetrics(Date.now);
  const watched = asked.watchPrometheus(prometheus);
  const analysis =
    options.analysis &&
    startAnalysis({
      ...{ system, services, topology, live, threads, capacity, asked, self: SELF, log },
      ...options.analysis,
    });
  let arrival = 0;
  const timers = [
    setInterval(() => {
      system.tell(services, { type: 'age' });
      system.tell(live, { type: 'tick' });
    }, LIVE_TICK_MS),
    setInterval(() => system.tell(live, { type: 'flush-tails' }), TAIL_FLUSH_MS),
    setInterval(() => system.tell(topology, { type: 'rotate' }), TOPOLOGY_ROTATE_MS),
  ];
  return {
    system,
    services,
    topology,
    live,
    archive,
    progress,
    budget,
    query: asked.watchQueries(query),
    threads,
    prometheus: watched,
    outlook: new OutlookEngine({ prometheus: watched, threads }),
    capacity,
    shadow,
    analysis,
    readExpected: (query) => analysis?.readExpected(query) ?? Promise.resolve(NOTHING_EXPECTED),
    findCauses: (query) => analysis?.findCauses(query) ?? Promise.resolve(nothingWatched(query.untilMs)),
    listPatterns: (query) => analysis?.listPatterns(query) ?? Promise.resolve(NO_PATTERNS),
    deliver(segment, batches) {
      arrival += 1;
      // The archive first: what the windows evict at once must have been collected before. Tails after the windows: they read
      // there what came before.
      system.tell(archive, { type: 'collect', segment, batches });
      system.tell(services, { type: 'append', segment, batches, arrival });
      system.tell(topology, { type: 'append', batches });
      system.tell(live, { type: 'append', batches, arrival });
      analysis?.append(segment, batches);
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await analysis?.stop();
      await shadow.stop();
      await threads.close();
      await system.idle();
      system.stop();
    },
  };
}
