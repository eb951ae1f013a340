import type { InsightJson } from '../../proto/api/index.ts';
import type { TaskRunner, Tasks } from '../../workers/pool/index.ts';
import { overlaps } from '../../workers/scan/index.ts';
import type { CapacityReport } from '../capacity/index.ts';
import { insightSaver } from '../insights/index.ts';
import type { InsightStore, QueryLimits } from '../ports/index.ts';
import { startQueryRun } from '../query/index.ts';
import type { ServiceWindow } from '../service/index.ts';
import type { ServicesMessage, ServicesRef } from '../services/index.ts';
import type { ActorRef, ActorSystem } from '../system/index.ts';
import { AdviceBook, type AdviceBookOptions } from './advice-book.ts';
import { adviceOfResource } from './forecast-json.ts';
import { adviceOfTip } from './tip-json.ts';

export type AdviceMessage =
  /** Every ten minutes. One that comes while the one before is at work is passed over; `reply` is called when it is done. */
  | { readonly type: 'tick'; readonly reply?: () => void }
  | { readonly type: 'stop'; readonly reply: () => void };

export type AdviceRef = ActorRef<AdviceMessage>;

export interface AdviceOptions extends AdviceBookOptions {
  readonly services: ServicesRef;
  readonly threads: Pick<TaskRunner<Tasks>, 'run' | 'scan'>;
  readonly capacity: Pick<CapacityReport, 'make'>;
  readonly store: InsightStore;
  readonly limits: QueryLimits;
  /** Advice that is new or has changed, and at start all that holds. */
  readonly onChanged: (changed: readonly InsightJson[]) => void;
  /** A part of a tick came to nothing; the next one tries again. */
  readonly onMiss: (part: 'tips' | 'forecasts' | 'open advice', error: unknown) => void;
  /** Unix ms. */
  readonly now: () => number;
}

/** Traces that began so long ago have ended, most of them. */
const SETTLED_MS = 30_000;
const LOOKED_BACK_MS = 10 * 60_000;
/** Enough to see a habit; more would only take longer. */
const SAMPLED_SPANS = 8_000;
const DEADLINE_MS = 10_000;
const HOUR_MS = 3_600_000;
/** What forecasts are made of, and how far they look. */
const FORECAST = { stepMs: HOUR_MS, count: 14 * 24, horizon: 14 * 24 };
/** For as long as there is no more than this. */
const SHORT_FORECAST = { stepMs: 5 * 60_000, count: 12 * 12, horizon: 12 * 12 };
const MOST_RESOURCES = 50;
const MAILBOX = 100;

/** Says what could be better (tips), and what will run out (forecasts): what nobody needs to know within a minute. */
export function spawnAdviceActor(system: ActorSystem, options: AdviceOptions): AdviceRef {
  const adviser = new Adviser(system, options);
  let working: Promise<void> | undefined;
  return system.spawn<Adviser, AdviceMessage>({
    name: 'advice',
    kind: 'advice',
    capacity: MAILBOX,
    onCrash: 'resume',
    initialState: () => adviser,
    receive(state, message) {
      if (message.type === 'stop') {
        void Promise.resolve(working)
          .then(() => state.stop())
          .finally(message.reply);
      } else if (working === undefined) {
        working = state.tick().finally(() => {
          working = undefined;
          message.reply?.();
        });
      } else {
        message.reply?.();
      }
      return state;
    },
  });
}

class Adviser {
  private readonly system: ActorSystem;
  private readonly options: AdviceOptions;
  private readonly book: AdviceBook;
  private readonly saver: ReturnType<typeof insightSaver>;
  private isStarted = false;

  constructor(system: ActorSystem, options: AdviceOptions) {
    this.system = system;
    this.options = options;
    this.book = new AdviceBook(options);
    this.saver = insightSaver(options.store);
  }

  async tick(): Promise<void> {
    const nowMs = this.options.now();
    if (!this.isStarted) await this.attempt('open advice', () => this.start());
    if (!this.isStarted) return;
    await this.attempt('tips', () => this.findTips(nowMs));
    await this.attempt('forecasts', () => this.foresee(nowMs));
    await this.saver.save(nowMs);
  }

  stop(): Promise<void> {
    return this.saver.save(Number.POSITIVE_INFINITY);
  }

  private async start(): Promise<void> {
    const open = (await this.options.store.readOpen()).filter(
      ({ kind }) => kind === 'tip' || kind === 'forecast',
    );
    this.book.restore(open);
    this.isStarted = true;
    if (open.length > 0) this.options.onChanged(open);
  }

  private async findTips(nowMs: number): Promise<void> {
    const { services, threads } = this.options;
    const toMs = nowMs - SETTLED_MS;
    const fromMs = toMs - LOOKED_BACK_MS;
    const range = { fromUnixNano: BigInt(fromMs) * 1_000_000n, toUnixNano: BigInt(toMs) * 1_000_000n };
    const windows = await this.system.ask<ServicesMessage, readonly ServiceWindow[]>(services, (reply) => ({
      ...{ type: 'snapshot', signal: 'traces', reply },
    }));
    const parts = windows.flatMap(({ service, parts: all }) =>
      all.filter(({ batch }) => overlaps(batch, range)).map((part) => ({ service, ...part })),
    );
    const rows = parts.reduce((sum, { batch }) => sum + batch.rowCount, 0);
    // Nothing came: that says nothing of what was found before.
    if (rows === 0) return;
    const shares = await threads.scan(
      'collect-calls',
      parts,
      { fromMs, toMs, oneIn: Math.max(1, Math.ceil(rows / SAMPLED_SPANS)), mostSpans: SAMPLED_SPANS },
      { deadlineMs: DEADLINE_MS },
    );
    const tips = await threads.run('find-tips', shares, { deadlineMs: DEADLINE_MS });
    this.publish(this.book.update('tip', tips.map(adviceOfTip), nowMs));
  }

  private async foresee(nowMs: number): Promise<void> {
    const run = startQueryRun({ limits: this.options.limits, visible: 'all' });
    try {
      const long = await this.resources(FORECAST, nowMs, run);
      const isShort = long.some(({ refusal }) => refusal !== undefined);
      const short = isShort ? await this.resources(SHORT_FORECAST, nowMs, run) : [];
      const byQuery = new Map(short.map((each) => [each.query, each]));
      const best = long.map((each) => (each.refusal ? (byQuery.get(each.query) ?? each) : each));
      const advice = best.flatMap((each) => adviceOfResource(each, nowMs) ?? []);
      this.publish(this.book.update('forecast', advice, nowMs));
    } finally {
      run.end();
    }
  }

  private async resources(
    { stepMs, count, horizon }: typeof FORECAST,
    nowMs: number,
    run: Parameters<CapacityReport['make']>[1],
  ) {
    const endMs = Math.floor(nowMs / stepMs) * stepMs;
    const grid = { startUnixMs: endMs - (count - 1) * stepMs, stepMs, count };
    const { resources } = await this.options.capacity.make({ grid, horizon, limit: MOST_RESOURCES }, run);
    return resources;
  }

  private publish(changed: readonly InsightJson[]): void {
    if (changed.length === 0) return;
    this.saver.put(changed);
    this.options.onChanged(changed);
  }

  private async attempt(
    part: Parameters<AdviceOptions['onMiss']>[0],
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.options.onMiss(part, error);
    }
  }
}
