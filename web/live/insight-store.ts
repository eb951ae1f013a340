import type { InsightJson } from '../../proto/api/index.ts';
import type { Frame } from './frame.ts';

/** Insights that hold, and those that ended since the page was opened. */
export interface InsightStore {
  apply(frame: Frame): void;
  get(id: string): InsightJson | undefined;
  /** Those that hold: the worst first, then the newest. */
  open(): readonly InsightJson[];
}

/** That are over, and remembered. */
const MOST_OVER = 500;
const WORST_FIRST = ['critical', 'warning', 'info'];

export function makeInsightStore(): InsightStore {
  const open = new Map<string, InsightJson>();
  /** Those that ended last are last. */
  const over = new Map<string, InsightJson>();
  let sorted: readonly InsightJson[] | undefined;
  return {
    apply(frame) {
      sorted = undefined;
      if (frame.mode === 'snapshot') open.clear();
      for (const text of Array.from(frame.strings('insight'))) {
        const insight = JSON.parse(text) as InsightJson;
        open.delete(insight.id);
        over.delete(insight.id);
        (insight.state === 'open' ? open : over).set(insight.id, insight);
      }
      for (const id of over.keys()) {
        if (over.size <= MOST_OVER) break;
        over.delete(id);
      }
    },
    get: (id) => open.get(id) ?? over.get(id),
    open: () => (sorted ??= [...open.values()].sort(worstFirst)),
  };
}

function worstFirst(one: InsightJson, other: InsightJson): number {
  const [left, right] = [one, other].map(({ severity }) => WORST_FIRST.indexOf(severity));
  return (left ?? 0) - (right ?? 0) || other.startedUnixMs - one.startedUnixMs;
}

export function affects({ service, services }: InsightJson, id: string): boolean {
  return service.id === id || services.some((one) => one.id === id);
}
