import { createContext, useContext, type Accessor, type JSX } from 'solid-js';
import type { InsightJson } from '../../proto/api/index.ts';
import { affects, createInsightFeed, isAboutMetric, type InsightFeed } from '../live/index.ts';
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

function createOpen(isMeant: (insight: InsightJson) => boolean): Accessor<readonly InsightJson[]> {
  const feed = useInsights();
  return () => {
    feed?.version();
    return (feed?.store.open() ?? []).filter(isMeant);
  };
}

/** What holds and wants somebody now, the worst first: no tips, which are there for weeks. Follows the live feed. */
export const createOpenTroubles = (): Accessor<readonly InsightJson[]> =>
  createOpen(({ severity }) => severity !== 'info');

/** All that holds and affects a service, the worst first. Follows the live feed. */
export const createInsightsOf = (service: Accessor<string>): Accessor<readonly InsightJson[]> =>
  createOpen((insight) => affects(insight, service()));

/** All that holds and has a metric for evidence, of one service where its id is not empty, the worst first. Follows the live feed. */
export const createInsightsOfMetric = (
  metric: Accessor<string>,
  service: Accessor<string>,
): Accessor<readonly InsightJson[]> => createOpen((insight) => isAboutMetric(insight, metric(), service()));
