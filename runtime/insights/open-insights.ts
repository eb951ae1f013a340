import type { LogTemplateStore, WatchStateStore } from '../../actors/ports/index.ts';
import type { Access } from '../access.ts';
import type { Logger } from '../log.ts';
import type { SettingsStore } from '../settings/index.ts';
import type { Teardown } from '../teardown.ts';
import { startInsightRetention } from './insight-retention.ts';
import { PostgresInsightStore } from './insight-store.ts';
import { PostgresLogTemplateStore } from './log-template-store.ts';
import { WatchStateFile } from './watch-state-file.ts';

export interface OpenInsightsOptions {
  readonly access: Access;
  readonly settings: SettingsStore;
  readonly log: Logger;
  readonly dataDirectory: string;
}

export interface OpenInsights {
  readonly store: PostgresInsightStore;
  readonly templates: LogTemplateStore;
  readonly watchState: WatchStateStore;
}

/** Where insights and what they were learned from are kept; old ones are removed from now on. */
export function openInsights(
  { access, settings, log, dataDirectory }: OpenInsightsOptions,
  teardown: Teardown,
): OpenInsights {
  const store = new PostgresInsightStore(access.database, access.audit);
  teardown.add(startInsightRetention({ insights: store, settings, log }));
  return {
    store,
    templates: new PostgresLogTemplateStore(access.database),
    watchState: new WatchStateFile(dataDirectory),
  };
}
