import { joinRepeats } from '../../workers/repeats/index.ts';
import {
  LOOKED_BACK_MS,
  recentParts,
  TASK_OPTIONS,
  type AdviceThreads,
  type TipSource,
  type WindowSource,
} from './advice-context.ts';
import { storedBytes, type StoredBytesOptions } from './stored-bytes.ts';
import { adviceOfRepeat, REPEAT_CATEGORIES } from './telemetry-json.ts';
import type { Advice } from './tip-json.ts';

/** Less is not worth anybody's time. */
const LEAST_PER_SECOND = 1;
const LEAST_SHARE = 0.2;
const A_DAY = 86_400_000 / LOOKED_BACK_MS;

/** Log records that are the same to the letter, again and again. */
export class RepeatTips implements TipSource {
  private readonly source: WindowSource & StoredBytesOptions & { readonly threads: AdviceThreads };

  constructor(source: WindowSource & StoredBytesOptions & { readonly threads: AdviceThreads }) {
    this.source = source;
  }

  covers(category: string): boolean {
    return REPEAT_CATEGORIES.includes(category);
  }

  async look(nowMs: number): Promise<readonly Advice[] | undefined> {
    const { parts, rows, fromMs, toMs } = await recentParts(this.source, 'logs', nowMs);
    if (rows === 0) return undefined;
    const shares = await this.source.threads.scan('count-repeats', parts, { fromMs, toMs }, TASK_OPTIONS);
    const found = joinRepeats(shares).flatMap(({ service, total, lines }) =>
      lines
        .map((line) => ({ service, total, line, perSecond: (line.count / (toMs - fromMs)) * 1e3 }))
        .filter(({ line, perSecond }) => perSecond >= LEAST_PER_SECOND && line.count >= LEAST_SHARE * total),
    );
    if (found.length === 0) return [];
    const bytes = await storedBytes(this.source, 'logs');
    return found.map((each) =>
      adviceOfRepeat({
        ...each,
        savedBytesADay: bytes === undefined ? undefined : each.line.count * A_DAY * bytes,
      }),
    );
  }
}
