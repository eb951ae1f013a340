import { z } from 'zod';
import { byteSize, hexKey, list, share, text, url, wholeNumber } from './setting-schemas.ts';

const DAY_SECONDS = 86_400;

const port = wholeNumber(0, 65_535);
const LETTERS = 'letters, digits and _';
/**
 * Every setting there is. `name` is the environment variable; the key is its name in `ophion.yaml`. `fallback` is
 * written as one would write it in the environment.
 */
export const SETTINGS = {
  host: {
    name: 'OPHION_HOST',
    schema: text('an address such as 127.0.0.1'),
    fallback: '127.0.0.1',
    help: 'address to listen on; 0.0.0.0 opens all ports to the network',
  },
  dashboardPort: { name: 'OPHION_DASHBOARD_PORT', schema: port, fallback: '3000', help: 'dashboard' },
  apiPort: { name: 'OPHION_API_PORT', schema: port, fallback: '8080', help: 'API, live WebSocket, health' },
  otlpGrpcPort: { name: 'OPHION_OTLP_GRPC_PORT', schema: port, fallback: '4317', help: 'OTLP over gRPC' },
  otlpHttpPort: { name: 'OPHION_OTLP_HTTP_PORT', schema: port, fallback: '4318', help: 'OTLP over HTTP' },
  otlpMaxRequestBytes: {
    name: 'OPHION_OTLP_MAX_REQUEST_BYTES',
    schema: byteSize(1_024),
    fallback: '64MiB',
    help: 'largest OTLP request, also after decompression',
  },
  otlpMaxInFlightBytes: {
    name: 'OPHION_OTLP_MAX_IN_FLIGHT_BYTES',
    schema: byteSize(1_024),
    fallback: '192MiB',
    help: 'all OTLP requests being received at a time, as sent and decompressed (at least two of the largest); more are asked to wait',
  },
  otlpMaxConnectionAgeSeconds: {
    name: 'OPHION_OTLP_MAX_CONNECTION_AGE_SECONDS',
    schema: wholeNumber(0, DAY_SECONDS),
    fallback: '0',
    help: 'age at which gRPC clients are asked to connect anew, for load balancers; 0 for never',
  },
  otlpCorsOrigins: {
    name: 'OPHION_OTLP_CORS_ORIGINS',
    schema: list,
    fallback: '',
    help: 'origins whose pages may send OTLP over HTTP, comma-separated; * for any, or once within an origin',
  },
  otlpCorsHeaders: {
    name: 'OPHION_OTLP_CORS_HEADERS',
    schema: list,
    fallback: '',
    help: 'headers that such pages may send besides those of OTLP, comma-separated',
  },
  tlsCertFile: {
    name: 'OPHION_TLS_CERT_FILE',
    schema: text('the path of a file').optional(),
    fallback: undefined,
    help: 'certificate and its chain (PEM): all ports then speak TLS alone',
  },
  tlsKeyFile: {
    name: 'OPHION_TLS_KEY_FILE',
    schema: text('the path of a file').optional(),
    fallback: undefined,
    help: 'private key of the certificate (PEM)',
  },
  trustedProxies: {
    name: 'OPHION_TRUSTED_PROXIES',
    schema: list,
    fallback: '',
    help: 'addresses and networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are taken for true, comma-separated',
  },
  ingestAnonymous: {
    name: 'OPHION_INGEST_ANONYMOUS',
    schema: z.enum(['loopback', 'everywhere', 'never'], { error: 'loopback, everywhere or never' }),
    fallback: 'loopback',
    help: 'from where telemetry is taken without an API key: this machine, everywhere, nowhere',
  },
  ingestRate: {
    name: 'OPHION_INGEST_RATE',
    schema: wholeNumber(0, 1_000_000),
    fallback: '0',
    help: 'OTLP requests a second, of each address and each key, and up to ten seconds’ worth at once; 0 for as many as come, which the memory limit holds back',
  },
  queryRate: {
    name: 'OPHION_QUERY_RATE',
    schema: wholeNumber(0, 1_000_000),
    fallback: '500',
    help: 'API requests a second, of each address and each session or key, and up to ten seconds’ worth at once; 0 for as many as come',
  },
  copilotRate: {
    name: 'OPHION_COPILOT_RATE',
    schema: wholeNumber(0, 1_000_000),
    fallback: '20',
    help: 'requests to the copilot a minute, of each address and each session or key, all of which may come at once; 0 for as many as come',
  },
  sessionHours: {
    name: 'OPHION_SESSION_HOURS',
    schema: wholeNumber(1, 8_760),
    fallback: '24',
    help: 'how long one stays signed in',
  },
  adminPasswordFile: {
    name: 'OPHION_ADMIN_PASSWORD_FILE',
    schema: text('the path of a file').optional(),
    fallback: undefined,
    help: 'file with the password that the first administrator gets, and changes at the first sign-in; without it one is made up and shown once',
  },
  secretKey: {
    name: 'OPHION_SECRET_KEY',
    schema: hexKey.optional(),
    fallback: undefined,
    help: 'key that secrets in the database are encrypted with (64 hexadecimal digits); for where a file cannot be, instead of OPHION_SECRET_KEY_FILE',
    secret: true,
  },
  secretKeyFile: {
    name: 'OPHION_SECRET_KEY_FILE',
    schema: text('the path of a file').optional(),
    fallback: undefined,
    help: 'file with that key; without it and without OPHION_SECRET_KEY, secret.key in the data directory',
  },
  dataDir: {
    name: 'OPHION_DATA_DIR',
    schema: text('a directory'),
    fallback: './data',
    help: 'journal, rows on their way to ClickHouse, embedded databases',
  },
  journalMode: {
    name: 'OPHION_JOURNAL_MODE',
    schema: z.enum(['fsync', 'os', 'off'], { error: 'fsync, os or off' }),
    fallback: 'fsync',
    help:
      'what happens to a request before the reply: forced to disk (fsync: nothing acknowledged is lost), handed to the ' +
      'system (os: a crash of the machine may lose the last seconds), nothing (off: an end of the process loses what ' +
      'ClickHouse does not have yet)',
  },
  recogniseRetries: {
    name: 'OPHION_RECOGNISE_RETRIES',
    schema: z.enum(['on', 'off'], { error: 'on or off' }),
    fallback: 'on',
    help: 'acknowledge a request that is byte for byte one of the last hour without storing it again',
  },
  journalMaxBytes: {
    name: 'OPHION_JOURNAL_MAX_BYTES',
    schema: byteSize(2 ** 20),
    fallback: '10GiB',
    help: 'journal on disk; senders are asked to wait when it is full',
  },
  archiveMaxItems: {
    name: 'OPHION_ARCHIVE_MAX_ITEMS',
    schema: wholeNumber(1, 10_000_000),
    fallback: '500000',
    help: 'items after which a journal segment goes to ClickHouse',
  },
  archiveMaxAgeSeconds: {
    name: 'OPHION_ARCHIVE_MAX_AGE_SECONDS',
    schema: wholeNumber(1, 3_600),
    fallback: '60',
    help: 'age after which a journal segment goes to ClickHouse',
  },
  windowMinutes: {
    name: 'OPHION_WINDOW_MINUTES',
    schema: wholeNumber(1, 1_440),
    fallback: '15',
    help: 'how long telemetry stays in memory',
  },
  windowMaxBytes: {
    name: 'OPHION_WINDOW_MAX_BYTES',
    schema: byteSize(2 ** 20),
    fallback: '1GiB',
    help: 'memory for all windows together',
  },
  memoryMaxBytes: {
    name: 'OPHION_MEMORY_MAX_BYTES',
    schema: byteSize(256 * 2 ** 20).optional(),
    fallback: undefined,
    help: 'resident memory near which senders are asked to wait; without it that of all windows and 512MiB',
  },
  clickhouseUrl: {
    name: 'OPHION_CLICKHOUSE_URL',
    schema: url(['http:', 'https:']).optional(),
    fallback: undefined,
    help: 'a ClickHouse server; without it the embedded engine is used',
    // It may hold a password.
    secret: true,
  },
  clickhouseDatabase: {
    name: 'OPHION_CLICKHOUSE_DATABASE',
    schema: z.string({ error: LETTERS }).regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: LETTERS }),
    fallback: 'ophion',
    help: 'database that holds our tables',
  },
  clickhouseUser: {
    name: 'OPHION_CLICKHOUSE_USER',
    schema: text('a name').optional(),
    fallback: undefined,
    help: 'user of the ClickHouse server; without it the one in the URL, or `default`',
  },
  clickhousePassword: {
    name: 'OPHION_CLICKHOUSE_PASSWORD',
    schema: z.string({ error: 'a password, in quotes where it looks like something else' }).optional(),
    fallback: undefined,
    help: 'password of the ClickHouse server; without it the one in the URL, or none',
    secret: true,
  },
  postgresUrl: {
    name: 'OPHION_POSTGRES_URL',
    schema: url(['postgres:', 'postgresql:']).optional(),
    fallback: undefined,
    help: 'a Postgres server; without it the embedded one is used',
    secret: true,
  },
  postgresOwnerUrl: {
    name: 'OPHION_POSTGRES_OWNER_URL',
    schema: url(['postgres:', 'postgresql:']).optional(),
    fallback: undefined,
    help: 'the same server as a user that owns the tables; that of OPHION_POSTGRES_URL is then given no right to change the audit log',
    secret: true,
  },
  storageWaitSeconds: {
    name: 'OPHION_STORAGE_WAIT_SECONDS',
    schema: wholeNumber(0, 3_600),
    fallback: '30',
    help: 'how long the start waits for a ClickHouse or Postgres server that does not answer yet',
  },
  tracesRetentionDays: {
    name: 'OPHION_TRACES_RETENTION_DAYS',
    schema: wholeNumber(1, 3_650),
    fallback: '7',
    help: 'days that ClickHouse keeps traces',
  },
  logsRetentionDays: {
    name: 'OPHION_LOGS_RETENTION_DAYS',
    schema: wholeNumber(1, 3_650),
    fallback: '7',
    help: 'days that ClickHouse keeps logs',
  },
  metricsRetentionDays: {
    name: 'OPHION_METRICS_RETENTION_DAYS',
    schema: wholeNumber(1, 3_650),
    fallback: '30',
    help: 'days that ClickHouse keeps metrics',
  },
  metricRollupsRetentionDays: {
    name: 'OPHION_METRIC_ROLLUPS_RETENTION_DAYS',
    schema: wholeNumber(1, 3_650),
    fallback: '30',
    help: 'days that ClickHouse keeps what metrics were in each hour; attributes are kept as long as the longest of these',
  },
  queryTimeoutSeconds: {
    name: 'OPHION_QUERY_TIMEOUT_SECONDS',
    schema: wholeNumber(1, 3_600),
    fallback: '30',
    help: 'how long an answer of the API may take; a request may ask for less',
  },
  queryMaxRows: {
    name: 'OPHION_QUERY_MAX_ROWS',
    schema: wholeNumber(1, Number.MAX_SAFE_INTEGER),
    fallback: '2000000000',
    help: 'rows that an answer may read, in memory and in ClickHouse',
  },
  queryMaxBytes: {
    name: 'OPHION_QUERY_MAX_BYTES',
    schema: byteSize(2 ** 20),
    fallback: '100GiB',
    help: 'bytes that an answer may read, in memory and, uncompressed, in ClickHouse',
  },
  sql: {
    name: 'OPHION_SQL',
    schema: z.enum(['on', 'off'], { error: 'on or off' }),
    fallback: 'off',
    help: 'let those with the permission sql:run ask the archive a read-only SELECT (/api/v1/sql)',
  },
  outgoingAllow: {
    name: 'OPHION_OUTGOING_ALLOW',
    schema: list,
    fallback: '',
    help: 'addresses, ranges and hosts that webhooks and sign-in providers may have although they are not of the public internet, comma-separated',
  },
  shadowQueryShare: {
    name: 'OPHION_SHADOW_QUERY_SHARE',
    schema: share,
    fallback: '0.01',
    help: 'of all questions, how many are asked again of windows and archive to compare their answers; 0 for none',
  },
  logLevel: {
    name: 'OPHION_LOG_LEVEL',
    schema: z.enum(['debug', 'info', 'warn', 'error'], { error: 'debug, info, warn or error' }),
    fallback: 'info',
    help: 'least level of log lines, which go to standard error as JSON',
  },
  telemetrySeconds: {
    name: 'OPHION_TELEMETRY_SECONDS',
    schema: wholeNumber(1, DAY_SECONDS),
    fallback: '10',
    help: 'how often the platform reports about itself, as service `ophion`',
  },
} as const satisfies Readonly<Record<string, Setting>>;

export interface Setting {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly fallback: string | undefined;
  readonly help: string;
  readonly secret?: boolean;
}

export type SettingKey = keyof typeof SETTINGS;

export type Config = {
  readonly [Key in SettingKey]: z.output<(typeof SETTINGS)[Key]['schema']>;
};
