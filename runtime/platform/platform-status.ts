import type { StatusJson } from '../../proto/api/index.ts';
import type { Signal } from '../../proto/columns/index.ts';
import type { Config } from '../config/index.ts';
import type { Domain } from '../domain/index.ts';
import type { Ingest } from '../ingest/index.ts';
import type { Journal } from '../journal/index.ts';

export interface StatusSources {
  readonly config: Config;
  readonly version: string;
  readonly startedAtUnixMs: number;
  readonly ingest: Ingest;
  readonly domain: Domain;
  readonly journal: Pick<Journal, 'pending'>;
  readonly grpc: { readonly port: number };
  readonly otlpHttp: { readonly port: number };
}

/** How the platform is doing, and where it listens. */
export function platformStatus(sources: StatusSources): StatusJson {
  const { config, version, startedAtUnixMs, ingest, domain, journal } = sources;
  return {
    version,
    startedAtUnixMs,
    otlp: {
      grpcPort: sources.grpc.port,
      httpPort: sources.otlpHttp.port,
      tls: config.tlsCertFile !== undefined,
      anonymous: config.ingestAnonymous,
    },
    clickhouse: config.clickhouseUrl === undefined ? 'embedded' : 'server',
    postgres: config.postgresUrl === undefined ? 'embedded' : 'server',
    accepted: bySignal(ingest, ({ accepted }) => accepted),
    rejected: bySignal(ingest, ({ rejected }) =>
      [...rejected.values()].reduce((sum, count) => sum + count, 0),
    ),
    segment: Math.max(domain.progress.through, ...journal.pending().map(({ number }) => number)),
    archivedThrough: domain.progress.through,
    waitingItems: domain.budget.waitingItems,
    windowBytes: domain.budget.usedBytes,
  };
}

function bySignal(
  { counters }: Ingest,
  pick: (counter: Ingest['counters'][Signal]) => number,
): Record<Signal, number> {
  return { traces: pick(counters.traces), metrics: pick(counters.metrics), logs: pick(counters.logs) };
}
