import type { InsightJson } from '../../proto/api/index.ts';
import type { ServiceKey } from '../../proto/columns/index.ts';
import type { TaskRunner, Tasks } from '../../workers/pool/index.ts';
import type { ChangeStore, InsightStore, LogTemplateStore, WatchStateStore } from '../ports/index.ts';
import type { ServicesRef } from '../services/index.ts';
import type { ActorSystem } from '../system/index.ts';
import type { TopologyRef } from '../topology/index.ts';
import type { MissReason } from './insight-counters.ts';

export interface InsightsOptions {
  readonly services: ServicesRef;
  readonly topology: TopologyRef;
  readonly threads: TaskRunner<Tasks>;
  readonly store: InsightStore;
  /** Without it changes of services are remembered for an hour. */
  readonly changes?: ChangeStore;
  /** Without it templates are learned anew after each start. */
  readonly templates?: LogTemplateStore;
  /** Without it what is usual is learned anew after each start. */
  readonly watchState?: WatchStateStore;
  /** Insights that are new or have changed, and at start all that are open. */
  readonly onChanged: (changed: readonly InsightJson[]) => void;
  /** A part of a tick came to nothing. */
  readonly onMiss?: (part: string, reason: MissReason, error: unknown) => void;
  /** Unix ms. */
  readonly now: () => number;
  readonly newId: () => string;
  /** As whom the platform reports about itself: that nothing comes any more is said of it. */
  readonly self: ServiceKey;
  /** Default 20,000. */
  readonly mostSeries?: number;
  /** For each task of a tick. Default 3 s. */
  readonly deadlineMs?: number;
  /** Figures that are judged at once, without a thread. Default 1,000: a few ms, for which a quiet platform needs to keep none. */
  readonly little?: number;
  /** False insights that may come an hour, as far as tests can promise it. Default 0.02. */
  readonly falseAnHour?: number;
}

/** What the parts of the engine share. */
export interface EngineContext {
  readonly system: ActorSystem;
  readonly options: InsightsOptions;
  readonly deadlineMs: number;
}

/** The thread that reads what comes in: one is enough for more than a machine takes in, and has its code warm. */
export const WATCH_LANE = 'insights';
