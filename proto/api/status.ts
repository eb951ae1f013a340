import { z } from 'zod';
import { count, named, record } from './values.ts';

const bySignal = record({ traces: count, metrics: count, logs: count });
const store = z.enum(['embedded', 'server']);
const byReason = z.record(z.string(), count).readonly();

export const status = named(
  'Status',
  record({
    version: z.string(),
    startedAtUnixMs: z.number(),
    otlp: record({
      grpcPort: count,
      httpPort: count,
      tls: z.boolean(),
      anonymous: z
        .enum(['loopback', 'everywhere', 'never'])
        .meta({ description: 'from where telemetry is taken without an API key' }),
    }).meta({ description: 'where applications send to, as seen from this machine' }),
    clickhouse: store,
    postgres: store,
    accepted: bySignal.meta({ description: 'items accepted since the start' }),
    rejected: bySignal.meta({ description: 'items not accepted since the start' }),
    segment: count.meta({ description: 'highest journal segment written' }),
    archivedThrough: count.meta({ description: 'highest journal segment archived' }),
    waitingItems: count.meta({
      description:
        'items that are in the journal, but neither in memory nor in ClickHouse yet: not shown until they are archived',
    }),
    windowBytes: count,
  }),
);
export type StatusJson = z.output<typeof status>;

const ledgerEntry = named(
  'LedgerEntry',
  record({
    requests: count,
    undecodableRequests: count.meta({
      description: 'not OTLP; their items, where they could be counted, are rejected as `undecodable`',
    }),
    sent: count,
    inFlight: count,
    accepted: count,
    rejected: byReason.meta({ description: 'items that can never be accepted; the sender was told' }),
    refused: byReason.meta({ description: 'items that the sender was asked to send again' }),
    repeated: count.meta({ description: 'items sent again although the first had been accepted' }),
    unexplained: count.meta({ description: 'what the books do not account for; 0' }),
    replayed: count.meta({ description: 'accepted before the start, archived since' }),
    archived: count,
    waiting: count.meta({ description: 'accepted and not yet archived: in the journal' }),
  }),
  'What became of every item of one signal since the start. `sent` is counted when a request comes in, apart from what ' +
    'follows: `sent = accepted + rejected + refused + repeated + inFlight`, `accepted + replayed = archived + waiting`.',
);
export type LedgerEntryJson = z.output<typeof ledgerEntry>;

export const ledger = named(
  'Ledger',
  record({
    sinceUnixMs: z.number(),
    signals: record({ traces: ledgerEntry, metrics: ledgerEntry, logs: ledgerEntry }),
  }),
);
export type LedgerJson = z.output<typeof ledger>;
