import type { AdviceStore, LogTemplateStore, WatchStateStore } from '../../actors/ports/index.ts';
import type { Access } from '../control-plane/index.ts';
import type { Logger } from '../log/index.ts';
import {
  PostgresAdviceStore,
  PostgresChangeStore,
  PostgresInsightStore,
  PostgresLogTemplateStore,
  startInsightRetention,
  WatchStateFile,
} from '../insights/index.ts';
import type { SettingsStore } from '../settings/index.ts';
import type { Teardown } from './teardown.ts';

export interface OpenInsightsOptions {
  readonly access: Access;
  readonly settings: SettingsStore;
  readonly log: Logger;
  readonly dataDirectory: string;
}

export interface OpenInsights {
  readonly store: PostgresInsightStore;
  readonly changes: PostgresChangeStore;
  readonly templates: LogTemplateStore;
  readonly learned: AdviceStore;
  readonly watchState: WatchStateStore;
}

/** Where insights and what they were learned from are kept; old ones are removed from now on. */
export function openInsights(
  { access, settings, log, dataDirectory }: OpenInsightsOptions,
  teardown: Teardown,
): OpenInsights {
  const store = new PostgresInsightStore(access.database, access.audit);
  const changes = new PostgresChangeStore(access.database);
  teardown.add(startInsightRetention({ insights: store, changes, settings, log }));
  return {
    ...{ store, changes },
    templates: new PostgresLogTemplateStore(access.database),
    learned: new PostgresAdviceStore(access.database),
    watchState: new WatchStateFile(dataDirectory),
  };
}
