import type { InsightJson } from '../../proto/api/index.ts';
import type { InsightStore } from '../ports/index.ts';
import { RetryingSaver } from './retrying-saver.ts';

/** Insights on their way into the store; what is open always gets there. */
export function insightSaver(store: InsightStore): RetryingSaver<InsightJson> {
  return new RetryingSaver({
    save: (insights) => store.save(insights),
    keyOf: ({ id }) => id,
    mayGoUnsaved: ({ state }) => state === 'over',
  });
}
