import { createContext, useContext, type Accessor, type JSX } from 'solid-js';
import type { InsightJson } from '../../proto/api/index.ts';
import { affects, createInsightFeed, type InsightFeed } from '../live/index.ts';
import { useSession } from './session.tsx';

/** Undefined for whoever may not see insights: nothing is asked for then. */
const InsightsContext = createContext<InsightFeed>();

/** Insights for all pages, for as long as one is signed in. */
export function InsightsProvider(props: { readonly children: JSX.Element }): JSX.Element {
  const session = useSession();
  const mayRead = session.me().permissions.includes('insights:read');
  const feed = mayRead ? createInsightFeed() : undefined;
  return <InsightsContext.Provider value={feed}>{props.children}</InsightsContext.Provider>;
}

export const useInsights = (): InsightFeed | undefined => useContext(InsightsContext);

/** Those that hold, the worst first; of one service those that affect it. Follows the live feed. */
export function createOpenInsights(service?: Accessor<string>): Accessor<readonly InsightJson[]> {
  const feed = useInsights();
  return () => {
    feed?.version();
    const open = feed?.store.open() ?? [];
    const id = service?.();
    return id === undefined ? open : open.filter((insight) => affects(insight, id));
  };
}
