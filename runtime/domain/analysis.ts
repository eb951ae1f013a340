import { createHash, randomUUID } from 'node:crypto';
import { spawnAdviceActor } from '../../actors/advice/index.ts';
import type { CapacityReport } from '../../actors/capacity/index.ts';
import {
  spawnInsightsActor,
  type CausesAnswer,
  type CausesQuery,
  type ExpectedFigures,
  type ExpectedQuery,
  type InsightsMessage,
  type InsightsStatus,
  type PatternList,
  type PatternListQuery,
} from '../../actors/insights/index.ts';
import type { LiveRef } from '../../actors/live/index.ts';
import type {
  AdviceStore,
  ChangeStore,
  InsightStore,
  LogTemplateStore,
  QueryLimits,
  TelemetrySizes,
  WatchStateStore,
} from '../../actors/ports/index.ts';
import type { AskedMetrics } from '../../actors/query/index.ts';
import type { ServicesRef } from '../../actors/services/index.ts';
import type { ActorSystem } from '../../actors/system/index.ts';
import type { TopologyRef } from '../../actors/topology/index.ts';
import type { InsightJson } from '../../proto/api/index.ts';
import type { ServiceBatch, ServiceKey } from '../../proto/columns/index.ts';
import type { Tasks, ThreadPool } from '../../workers/pool/index.ts';
import type { Logger } from '../log/index.ts';

export interface AnalysisOptions {
  readonly system: ActorSystem;
  readonly services: ServicesRef;
  readonly topology: TopologyRef;
  /** Who is told of all that is found. */
  readonly live: LiveRef;
  readonly threads: ThreadPool<Tasks>;
  readonly capacity: CapacityReport;
  readonly store: InsightStore;
  readonly changes: ChangeStore;
  readonly templates: LogTemplateStore;
  readonly watchState: WatchStateStore;
  /** What advice was learned from. */
  readonly learned: AdviceStore;
  /** What is asked of metrics. */
  readonly asked: AskedMetrics;
  /** What telemetry takes on disk. */
  readonly sizes: TelemetrySizes;
  /** As whom the platform reports about itself. */
  readonly self: ServiceKey;
  /** Of what a forecast may read. */
  readonly limits: QueryLimits;
  readonly log: Logger;
}

/** What looks at all that comes in, and says what is abnormal, coming, or could be better. */
export interface Analysis {
  readonly status: InsightsStatus;
  readonly append: (segment: number, batches: readonly ServiceBatch[]) => void;
  readonly listPatterns: (query: PatternListQuery) => Promise<PatternList>;
  readonly readExpected: (query: ExpectedQuery) => Promise<ExpectedFigures>;
  readonly findCauses: (query: CausesQuery) => Promise<CausesAnswer>;
  readonly stop: () => Promise<void>;
}

const INSIGHTS_TICK_MS = 2_000;
const ADVICE_TICK_MS = 10 * 60_000;
/** Enough has come by then to say something. */
const FIRST_ADVICE_MS = 2 * 60_000;

export function startAnalysis(options: AnalysisOptions): Analysis {
  const { system, services, topology, live, threads, capacity, self, limits, log } = options;
  const { store, changes, templates, watchState, learned, asked, sizes } = options;
  const onChanged = (changed: readonly InsightJson[]): void => {
    system.tell(live, { type: 'insights-changed', changed });
  };
  const insights = spawnInsightsActor(system, {
    ...{
      services,
      topology,
      threads,
      store,
      changes,
      templates,
      watchState,
      self,
      onChanged,
      now: Date.now,
      newId: randomUUID,
    },
    onMiss(part, reason, error) {
      log.warn({ part, reason, err: error }, 'a part of the watch for insights came to nothing');
    },
  });
  const advice = spawnAdviceActor(system, {
    ...{ services, threads, capacity, store, learned, asked, sizes, self, limits, onChanged },
    ...{ now: Date.now, idOf: uuidOf },
    onMiss(part, error) {
      log.warn({ part, err: error }, 'advice could not be worked out; the next round tries again');
    },
  });
  const giveAdvice = (): void => {
    system.tell(advice, { type: 'tick' });
  };
  const first = setTimeout(giveAdvice, FIRST_ADVICE_MS);
  const timers = [
    setInterval(() => {
      system.tell(insights.ref, { type: 'tick' });
    }, INSIGHTS_TICK_MS),
    setInterval(giveAdvice, ADVICE_TICK_MS),
  ];
  return {
    status: insights.status,
    append(segment, batches) {
      system.tell(insights.ref, { type: 'append', segment, batches });
    },
    listPatterns: (query) =>
      system.ask<InsightsMessage, PatternList>(insights.ref, (reply) => ({
        ...{ type: 'list-patterns', query, reply },
      })),
    readExpected: (query) =>
      system.ask<InsightsMessage, ExpectedFigures>(insights.ref, (reply) => ({
        ...{ type: 'read-expected', query, reply },
      })),
    findCauses: (query) =>
      system.ask<InsightsMessage, CausesAnswer>(insights.ref, (reply) => ({
        ...{ type: 'find-causes', query, reply },
      })),
    async stop() {
      clearTimeout(first);
      for (const timer of timers) clearInterval(timer);
      await Promise.all([
        stopped((reply) => {
          system.tell(insights.ref, { type: 'stop', reply });
        }),
        stopped((reply) => {
          system.tell(advice, { type: 'stop', reply });
        }),
      ]);
    },
  };
}

function stopped(stop: (reply: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    stop(resolve);
  });
}

/** The same UUID (version 8, of RFC 9562) for the same text. */
function uuidOf(text: string): string {
  const hash = createHash('sha256').update(text).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
