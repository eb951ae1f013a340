import { TIP_CATEGORIES } from '../../workers/kernels/tips/index.ts';
import {
  recentParts,
  TASK_OPTIONS,
  type AdviceThreads,
  type TipSource,
  type WindowSource,
} from './advice-context.ts';
import { adviceOfTip, type Advice } from './tip-json.ts';

/** Enough to see a habit; more would only take longer. */
const SAMPLED_SPANS = 8_000;

/** What operations could do with less, from a sample of the last traces. */
export class TraceTips implements TipSource {
  private readonly source: WindowSource & { readonly threads: AdviceThreads };

  constructor(source: WindowSource & { readonly threads: AdviceThreads }) {
    this.source = source;
  }

  covers(category: string): boolean {
    return (TIP_CATEGORIES as readonly string[]).includes(category);
  }

  async look(nowMs: number): Promise<readonly Advice[] | undefined> {
    const { threads } = this.source;
    const { parts, rows, fromMs, toMs } = await recentParts(this.source, 'traces', nowMs);
    if (rows === 0) return undefined;
    const oneIn = Math.max(1, Math.ceil(rows / SAMPLED_SPANS));
    const input = { fromMs, toMs, oneIn, mostSpans: SAMPLED_SPANS };
    const shares = await threads.scan('collect-calls', parts, input, TASK_OPTIONS);
    return (await threads.run('find-tips', shares, TASK_OPTIONS)).map(adviceOfTip);
  }
}
