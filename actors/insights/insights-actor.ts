import type { ServiceBatch } from '../../proto/columns/index.ts';
import type { ActorRef, ActorSystem } from '../system/index.ts';
import type { CausesAnswer, CausesQuery } from './causes-on-request.ts';
import type { InsightsOptions } from './engine-options.ts';
import type { InsightCounters, InsightsState } from './insight-counters.ts';
import type { ExpectedFigures, ExpectedQuery } from './expected-history.ts';
import { InsightsEngine } from './insights-engine.ts';
import type { PatternList, PatternListQuery } from './pattern-list.ts';

export type InsightsMessage =
  /** Batches of one accepted request: they are kept until the next tick, as references. */
  | { readonly type: 'append'; readonly segment: number; readonly batches: readonly ServiceBatch[] }
  /** Every two seconds. One that comes while the one before is at work is passed over; `reply` is called when it is done. */
  | { readonly type: 'tick'; readonly reply?: () => void }
  /** Answered at once, from what is known. */
  | {
      readonly type: 'list-patterns';
      readonly query: PatternListQuery;
      readonly reply: (list: PatternList) => void;
    }
  /** Answered at once, from what is known. */
  | {
      readonly type: 'read-expected';
      readonly query: ExpectedQuery;
      readonly reply: (figures: ExpectedFigures) => void;
    }
  /**
   * Answered when causes were looked for, beside the mailbox and beside ticks: each task of it has a deadline, few wait, and the others
   * are told when to ask again.
   */
  | {
      readonly type: 'find-causes';
      readonly query: CausesQuery;
      readonly reply: (answer: CausesAnswer) => void;
    }
  /** Before the end: what waits goes into the stores. */
  | { readonly type: 'stop'; readonly reply: () => void };

export type InsightsRef = ActorRef<InsightsMessage>;

/** What is told of the engine to whoever reports on the platform. */
export interface InsightsStatus {
  readonly counters: Readonly<InsightCounters>;
  readonly state: InsightsState;
}

const MAILBOX = 100_000;

/**
 * Finds out what is abnormal, and why. Its mailbox never waits for work: a tick is started and goes on beside it, on threads, and each of
 * its tasks is cut off by a deadline.
 */
export function spawnInsightsActor(
  system: ActorSystem,
  options: InsightsOptions,
): { readonly ref: InsightsRef; readonly status: InsightsStatus } {
  const engine = new InsightsEngine(system, options);
  let working: Promise<void> | undefined;
  const ref = system.spawn<InsightsEngine, InsightsMessage>({
    name: 'insights',
    kind: 'insights',
    capacity: MAILBOX,
    onCrash: 'resume',
    initialState: () => engine,
    receive(state, message) {
      switch (message.type) {
        case 'append':
          state.append(message.segment, message.batches);
          break;
        case 'tick':
          if (working !== undefined) {
            state.counters.skippedTicks += 1;
            message.reply?.();
            break;
          }
          working = state
            .tick()
            .catch((error: unknown) => {
              state.counters.missed.failed += 1;
              options.onMiss?.('tick', 'failed', error);
            })
            .finally(() => {
              working = undefined;
              message.reply?.();
            });
          break;
        case 'list-patterns':
          message.reply(state.listPatterns(message.query));
          break;
        case 'read-expected':
          message.reply(state.expected.read(message.query));
          break;
        case 'find-causes':
          void state.causes
            .find(message.query)
            .catch((error: unknown): CausesAnswer => ({ type: 'failed', error }))
            .then(message.reply);
          break;
        case 'stop':
          void Promise.resolve(working)
            .then(() => state.stop())
            .finally(message.reply);
          break;
      }
      return state;
    },
  });
  return {
    ref,
    status: {
      counters: engine.counters,
      get state() {
        return engine.state;
      },
    },
  };
}
