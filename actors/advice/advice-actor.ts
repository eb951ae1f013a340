import type { InsightJson } from '../../proto/api/index.ts';
import type { ServiceKey } from '../../proto/columns/index.ts';
import type { CapacityReport } from '../capacity/index.ts';
import { insightSaver } from '../insights/index.ts';
import type {
  AdviceDocument,
  AdviceStore,
  InsightStore,
  QueryLimits,
  TelemetrySizes,
} from '../ports/index.ts';
import { startQueryRun, type AskedMetrics } from '../query/index.ts';
import type { ServicesRef } from '../services/index.ts';
import type { ActorRef, ActorSystem } from '../system/index.ts';
import type { AdviceThreads, TipSource } from './advice-context.ts';
import { AdviceBook, type AdviceBookOptions } from './advice-book.ts';
import { adviceOfResource } from './forecast-json.ts';
import { RepeatTips } from './repeat-tips.ts';
import { SeriesTips } from './series-tips.ts';
import { SizeTips } from './size-tips.ts';
import { TraceTips } from './trace-tips.ts';

export type AdviceMessage =
  /** Every ten minutes. One that comes while the one before is at work is passed over; `reply` is called when it is done. */
  | { readonly type: 'tick'; readonly reply?: () => void }
  | { readonly type: 'stop'; readonly reply: () => void };

export type AdviceRef = ActorRef<AdviceMessage>;

export interface AdviceOptions extends AdviceBookOptions {
  readonly services: ServicesRef;
  readonly threads: AdviceThreads;
  readonly capacity: Pick<CapacityReport, 'make'>;
  readonly store: InsightStore;
  readonly learned: AdviceStore;
  /** What is asked of metrics: kept over restarts with the rest. */
  readonly asked: AskedMetrics;
  readonly sizes: TelemetrySizes;
  /** As whom the platform reports about itself. */
  readonly self: ServiceKey;
  readonly limits: QueryLimits;
  /** Advice that is new or has changed, and at start all that holds. */
  readonly onChanged: (changed: readonly InsightJson[]) => void;
  /** A part of a tick came to nothing; the next one tries again. */
  readonly onMiss: (part: 'tips' | 'forecasts' | 'open advice' | 'what was learned', error: unknown) => void;
  /** Unix ms. */
  readonly now: () => number;
}

const HOUR_MS = 3_600_000;
/** What is learned is learned over days: an hour of it may be lost. */
const KEPT_EVERY_MS = HOUR_MS;
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

/** A source that learns over days. */
interface Learning {
  restore(document: unknown): void;
  document(): unknown;
}

class Adviser {
  private readonly options: AdviceOptions;
  private readonly sources: readonly TipSource[];
  private readonly learning: readonly (readonly [AdviceDocument, Learning])[];
  private readonly book: AdviceBook;
  private readonly saver: ReturnType<typeof insightSaver>;
  private isStarted = false;
  private keptMs: number;

  constructor(system: ActorSystem, options: AdviceOptions) {
    this.options = options;
    this.keptMs = options.now();
    const source = { ...options, system };
    const sizes = new SizeTips(source);
    const series = new SeriesTips(source);
    this.sources = [new TraceTips(source), sizes, series, new RepeatTips(source)];
    this.learning = [
      ['usage', sizes],
      ['series', series],
      ['queries', options.asked],
    ];
    this.book = new AdviceBook(options);
    this.saver = insightSaver(options.store);
  }

  async tick(): Promise<void> {
    const nowMs = this.options.now();
    if (!this.isStarted) await this.attempt('open advice', () => this.start());
    if (!this.isStarted) return;
    for (const source of this.sources) await this.attempt('tips', () => this.findTips(source, nowMs));
    await this.attempt('forecasts', () => this.foresee(nowMs));
    await this.saver.save(nowMs);
    await this.keep(nowMs);
  }

  async stop(): Promise<void> {
    if (this.isStarted) await this.keep(Number.POSITIVE_INFINITY);
    await this.saver.save(Number.POSITIVE_INFINITY);
  }

  private async start(): Promise<void> {
    const open = (await this.options.store.readOpen()).filter(
      ({ kind }) => kind === 'tip' || kind === 'forecast',
    );
    for (const [name, source] of this.learning) {
      const document = await this.options.learned.read(name);
      if (document !== undefined) source.restore(document);
    }
    this.book.restore(open);
    this.isStarted = true;
    if (open.length > 0) this.options.onChanged(open);
  }

  private async findTips(source: TipSource, nowMs: number): Promise<void> {
    const advice = await source.look(nowMs);
    if (!advice) return;
    const isOfSource = ({ tip }: InsightJson): boolean => tip !== null && source.covers(tip.category);
    this.publish(this.book.update(isOfSource, advice, nowMs));
  }

  /** Best effort: what is not written now is with the next. */
  private async keep(nowMs: number): Promise<void> {
    if (nowMs - this.keptMs < KEPT_EVERY_MS) return;
    this.keptMs = nowMs;
    for (const [name, source] of this.learning) {
      await this.attempt('what was learned', () => this.options.learned.write(name, source.document()));
    }
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
      this.publish(this.book.update(({ kind }) => kind === 'forecast', advice, nowMs));
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
