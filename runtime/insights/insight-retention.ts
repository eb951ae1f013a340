import type { Logger } from '../log/index.ts';
import type { SettingsStore } from '../settings/index.ts';
import type { PostgresChangeStore } from './change-store.ts';
import type { PostgresInsightStore } from './insight-store.ts';

export interface InsightRetentionOptions {
  readonly insights: Pick<PostgresInsightStore, 'prune'>;
  readonly changes: Pick<PostgresChangeStore, 'prune'>;
  readonly settings: Pick<SettingsStore, 'current' | 'onChange'>;
  readonly log: Pick<Logger, 'info' | 'error'>;
}

const RETENTION_MS = 3_600_000;

/** Removes insights that are over for longer than the settings say, and changes of services as old: now, once an hour, and when they say otherwise. */
export function startInsightRetention({
  insights,
  changes,
  settings,
  log,
}: InsightRetentionOptions): () => Promise<void> {
  let pruning: Promise<void> = Promise.resolve();
  const prune = (): void => {
    const { retentionDays } = settings.current.insights;
    pruning = pruning
      .then(async () => (await insights.prune(retentionDays)) + (await changes.prune(retentionDays)))
      .then(
        (removed) => {
          if (removed > 0) log.info({ removed, retentionDays }, 'old insights and changes were removed');
        },
        (error: unknown) => {
          log.error({ err: error }, 'old insights and changes could not be removed; tried again in an hour');
        },
      );
  };
  prune();
  const timer = setInterval(prune, RETENTION_MS).unref();
  const forget = settings.onChange(prune);
  return () => {
    forget();
    clearInterval(timer);
    return pruning;
  };
}
