import { judgeSize, NO_USAGE, observeUsage, type UsageHistory } from '../../workers/kernels/sizing/index.ts';
import type { WorkloadUsage } from '../../workers/usage/index.ts';
import {
  recentParts,
  TASK_OPTIONS,
  type AdviceThreads,
  type TipSource,
  type WindowSource,
} from './advice-context.ts';
import { adviceOfSize, SIZE_CATEGORIES } from './size-json.ts';
import type { SizedWorkload } from './size-words.ts';
import type { Advice } from './tip-json.ts';

const HOUR_MS = 3_600_000;
/** Resources of workloads that are remembered; of more, those that were seen longest ago are forgotten. */
const MOST_HISTORIES = 500;
/** What was not seen for so long is no more. */
const FORGOTTEN_MS = 72 * HOUR_MS;
/** Nothing is said of what is not there now. */
const GONE_MS = 2 * HOUR_MS;
/** Of a thread in ten minutes: 1,000 containers every ten seconds. */
const MOST = { mostSeries: 10_000, mostPoints: 500_000 };

interface Remembered {
  readonly workload: SizedWorkload;
  readonly history: UsageHistory;
  readonly seenMs: number;
}

/** Whether CPU, memory and connection pools are far too large or too small, from what is used of them over a week. */
export class SizeTips implements TipSource {
  private readonly source: WindowSource & { readonly threads: AdviceThreads };
  private readonly known = new Map<string, Remembered>();

  constructor(source: WindowSource & { readonly threads: AdviceThreads }) {
    this.source = source;
  }

  covers(category: string): boolean {
    return SIZE_CATEGORIES.includes(category);
  }

  /** What `document` gave. */
  restore(document: unknown): void {
    for (const [key, remembered] of document as readonly (readonly [string, Remembered])[]) {
      this.known.set(key, remembered);
    }
  }

  /** Plain data: all that is remembered. */
  document(): unknown {
    return [...this.known];
  }

  async look(nowMs: number): Promise<readonly Advice[] | undefined> {
    const { threads } = this.source;
    const { parts, rows, fromMs, toMs } = await recentParts(this.source, 'metrics', nowMs);
    if (rows === 0) return undefined;
    const shares = await threads.scan('collect-usage', parts, { fromMs, toMs, ...MOST }, TASK_OPTIONS);
    const usages = await threads.run('join-usage', shares, TASK_OPTIONS);
    for (const usage of usages) this.remember(usage, nowMs);
    this.forget(nowMs);
    return this.advice(nowMs);
  }

  private remember({ observation, ...workload }: WorkloadUsage, nowMs: number): void {
    const { service, resource, workload: name, isAbsolute } = workload;
    const key = JSON.stringify([service, resource, name, isAbsolute]);
    const before = this.known.get(key)?.history ?? NO_USAGE;
    // Last in the order of the map: seen most lately.
    this.known.delete(key);
    this.known.set(key, { workload, history: observeUsage(before, observation, nowMs), seenMs: nowMs });
  }

  private forget(nowMs: number): void {
    for (const [key, { seenMs }] of this.known) {
      if (nowMs - seenMs <= FORGOTTEN_MS && this.known.size <= MOST_HISTORIES) break;
      this.known.delete(key);
    }
  }

  private advice(nowMs: number): Advice[] {
    return [...this.known.values()].flatMap(({ workload, history, seenMs }) => {
      if (nowMs - seenMs > GONE_MS) return [];
      const judgement = judgeSize(workload.resource, history, workload.isAbsolute);
      return judgement ? [adviceOfSize(workload, history, judgement)] : [];
    });
  }
}
