import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { SIGNALS, type Signal } from '../../proto/columns/index.ts';
import { join } from 'node:path';
import { startEmbeddedClickHouse } from '../storage/clickhouse/index.ts';
import { NUMBERED, POINTS_SINCE_UNIX_NANO } from './numbered-requests.ts';
import type { LoadReport } from './retrying-load.ts';

const COUNTS: { readonly [S in Signal]: string } = {
  traces: `SELECT toString(reinterpretAsUInt64(reverse(substring(traceId, 9, 8)))), count(), uniqExact(spanId)
    FROM ophion.spans WHERE serviceName = '${NUMBERED.service}' GROUP BY 1`,
  logs: `SELECT toString(reinterpretAsUInt64(reverse(substring(traceId, 9, 8)))), count(), uniqExact(spanId)
    FROM ophion.logs WHERE serviceName = '${NUMBERED.service}' GROUP BY 1`,
  metrics: `SELECT toString(timeUnixNano - ${POINTS_SINCE_UNIX_NANO}), count(), uniqExact(intValue)
    FROM ophion.metric_points WHERE metricName = '${NUMBERED.metric}' GROUP BY 1`,
};

export interface StoredRequest {
  readonly rows: number;
  readonly distinct: number;
}

export type StoredRequests = { readonly [S in Signal]: ReadonlyMap<number, StoredRequest> };

/** What ClickHouse itself has, of a data directory that no platform uses just now. */
export function readStoredRequests(dataDir: string): Promise<StoredRequests> {
  return withArchive(dataDir, storedRequests);
}

const TABLES: { readonly [S in Signal]: { readonly name: string; readonly identity: string } } = {
  traces: { name: 'spans', identity: 'spanId' },
  metrics: { name: 'metric_points', identity: '(metric, attributes, startTimeUnixNano, timeUnixNano)' },
  logs: { name: 'logs', identity: '(timeUnixNano, attributes)' },
};

/** Rows of each service by signal, and how many of them are distinct; as `readStoredRequests`. */
export function readStoredItems(
  dataDir: string,
  services: readonly string[],
): Promise<readonly { readonly [S in Signal]: StoredRequest }[]> {
  return withArchive(dataDir, (client) => {
    const countsOf = async (signal: Signal, service: string): Promise<StoredRequest> => {
      const { name, identity } = TABLES[signal];
      const answer = await client.query({
        query: `SELECT count(), uniqExact(${identity}) FROM ophion.${name} WHERE serviceName = {service:String}`,
        query_params: { service },
        format: 'JSONCompactEachRow',
      });
      const [[rows, distinct] = ['0', '0']] = await answer.json<[string, string]>();
      return { rows: Number(rows), distinct: Number(distinct) };
    };
    return Promise.all(
      services.map(async (service) => ({
        traces: await countsOf('traces', service),
        metrics: await countsOf('metrics', service),
        logs: await countsOf('logs', service),
      })),
    );
  });
}

async function withArchive<Answer>(
  dataDir: string,
  ask: (client: ClickHouseClient) => Promise<Answer>,
): Promise<Answer> {
  const engine = await startEmbeddedClickHouse({ dataDir: join(dataDir, 'clickhouse') });
  const client = createClient({ ...engine.clientOptions });
  try {
    return await ask(client);
  } finally {
    await client.close();
    await engine.stop();
  }
}

async function storedRequests(client: ClickHouseClient): Promise<StoredRequests> {
  const countsOf = async (signal: Signal): Promise<ReadonlyMap<number, StoredRequest>> => {
    const answer = await client.query({ query: COUNTS[signal], format: 'JSONCompactEachRow' });
    const rows = await answer.json<[string, string, string]>();
    return new Map(
      rows.map(([number, count, distinct]) => [
        Number(number),
        { rows: Number(count), distinct: Number(distinct) },
      ]),
    );
  };
  return {
    traces: await countsOf('traces'),
    metrics: await countsOf('metrics'),
    logs: await countsOf('logs'),
  };
}

/** In items. */
export interface Balance {
  readonly acknowledged: number;
  /** Acknowledged, and not there. */
  readonly lost: number;
  /** There more often than once. */
  readonly doubled: number;
  /** There, and never sent. */
  readonly strange: number;
  /** All that is there. */
  readonly stored: number;
}

export function balanceOf(report: LoadReport, stored: StoredRequests, itemsPerRequest: number): Balance {
  const balance = { acknowledged: 0, lost: 0, doubled: 0, strange: 0, stored: 0 };
  for (const signal of SIGNALS) {
    const { acknowledged, open } = report.signals[signal];
    const sent = new Set([...acknowledged, ...open]);
    for (const number of acknowledged) {
      balance.acknowledged += itemsPerRequest;
      balance.lost += itemsPerRequest - (stored[signal].get(number)?.distinct ?? 0);
    }
    for (const [number, { rows, distinct }] of stored[signal]) {
      balance.stored += rows;
      balance.doubled += rows - distinct;
      if (!sent.has(number)) balance.strange += distinct;
    }
  }
  return balance;
}
