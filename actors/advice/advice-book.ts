import type { InsightJson } from '../../proto/api/index.ts';
import { mostWorthwhile } from './most-worthwhile.ts';
import type { Advice } from './tip-json.ts';

export interface AdviceBookOptions {
  /** The same id for the same key, always. */
  readonly idOf: (key: string) => string;
}

/** Looked for so many times in vain, it is over. */
const MISSES = 3;
/** What is said again is shown again after so long, or when it has changed by so much. */
const RENEWED_MS = 3_600_000;
const NOTABLE_CHANGE = 0.2;
const MOST_OPEN = 500;

interface Given {
  shown: InsightJson;
  misses: number;
}

/** Advice that holds, and for how long it has. */
export class AdviceBook {
  private readonly open = new Map<string, Given>();
  private readonly idOf: AdviceBookOptions['idOf'];

  constructor({ idOf }: AdviceBookOptions) {
    this.idOf = idOf;
  }

  get size(): number {
    return this.open.size;
  }

  restore(insights: readonly InsightJson[]): void {
    for (const shown of insights) this.open.set(shown.id, { shown, misses: 0 });
  }

  /** What has changed since. All advice of some sort that was found just now; what is of the sort and not among it ends after a while. */
  update(
    isOfSort: (insight: InsightJson) => boolean,
    found: readonly Advice[],
    nowMs: number,
  ): InsightJson[] {
    const changed: InsightJson[] = [];
    const ids = new Set<string>();
    const isSaid = ({ key }: Advice): boolean => this.open.has(this.idOf(key));
    for (const { key, weight, ...advice } of mostWorthwhile(found, isSaid)) {
      const id = this.idOf(key);
      if (ids.has(id)) continue;
      ids.add(id);
      const next = this.give(id, advice, nowMs);
      if (next) changed.push(next);
    }
    return [...changed, ...this.end(isOfSort, ids, nowMs)];
  }

  /** `undefined` where nothing is to be said: it is as it was, or there is too much already. */
  private give(id: string, advice: Omit<Advice, 'key' | 'weight'>, nowMs: number): InsightJson | undefined {
    const given = this.open.get(id);
    if (!given && this.open.size >= MOST_OPEN) return undefined;
    const next: InsightJson = {
      ...{ id, ...advice, state: 'open', endedUnixMs: null },
      startedUnixMs: given?.shown.startedUnixMs ?? nowMs,
      detectedUnixMs: given?.shown.detectedUnixMs ?? nowMs,
      updatedUnixMs: nowMs,
    };
    const isKnown = given !== undefined && !isNews(given.shown, next);
    this.open.set(id, { shown: isKnown ? given.shown : next, misses: 0 });
    return isKnown ? undefined : next;
  }

  private end(
    isOfSort: (insight: InsightJson) => boolean,
    found: ReadonlySet<string>,
    nowMs: number,
  ): InsightJson[] {
    const ended: InsightJson[] = [];
    for (const [id, given] of this.open) {
      if (!isOfSort(given.shown) || found.has(id)) continue;
      given.misses += 1;
      if (given.misses < MISSES) continue;
      this.open.delete(id);
      ended.push({ ...given.shown, state: 'over', updatedUnixMs: nowMs, endedUnixMs: nowMs });
    }
    return ended;
  }
}

function isNews(before: InsightJson, after: InsightJson): boolean {
  if (before.severity !== after.severity) return true;
  if (after.updatedUnixMs - before.updatedUnixMs >= RENEWED_MS) return true;
  return (
    changedBy(before.tip?.saving, after.tip?.saving) > NOTABLE_CHANGE ||
    changedBy(before.saturation?.current, after.saturation?.current) > NOTABLE_CHANGE
  );
}

function changedBy(before: number | null | undefined, after: number | null | undefined): number {
  const [from, to] = [before ?? 0, after ?? 0];
  const most = Math.max(Math.abs(from), Math.abs(to));
  return most === 0 ? 0 : Math.abs(to - from) / most;
}
