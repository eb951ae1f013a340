import type { Requirement } from './permissions.ts';

/** What paths need that are no endpoint; the longest that fits counts, and `*` stands for all below. */
export const PATH_NEEDS = {
  '/healthz': 'nothing',
  '/readyz': 'nothing',
  /** Public keys, by which others check our tokens (RFC 7517). */
  '/.well-known/jwks.json': 'nothing',
  '/api/docs': 'signed-in',
  '/api/openapi.json': 'signed-in',
  '/prometheus/*': 'metrics:read',
  /** The live WebSocket; its topics need more (`TOPIC_NEEDS`). */
  '/live': 'signed-in',
  '/api/v1/copilot/*': 'copilot:use',
  /** Unknown paths of the API: who is not signed in is not told which there are. */
  '/api/*': 'signed-in',
  /** The web app: its files say nothing about anybody. */
  '/*': 'nothing',
} as const satisfies Readonly<Record<string, Requirement>>;

/** What every RPC at the OTLP/gRPC port needs. */
export const RPC_NEEDS = {
  'opentelemetry.proto.collector.trace.v1.TraceService/Export': 'ingest:write',
  'opentelemetry.proto.collector.metrics.v1.MetricsService/Export': 'ingest:write',
  'opentelemetry.proto.collector.logs.v1.LogsService/Export': 'ingest:write',
  'grpc.health.v1.Health/Check': 'nothing',
  'grpc.health.v1.Health/Watch': 'nothing',
  'grpc.health.v1.Health/List': 'nothing',
} as const satisfies Readonly<Record<string, Requirement>>;

/** What every path at the OTLP/HTTP port needs; there are no others. */
export const OTLP_PATH_NEEDS = {
  '/v1/traces': 'ingest:write',
  '/v1/metrics': 'ingest:write',
  '/v1/logs': 'ingest:write',
} as const satisfies Readonly<Record<string, Requirement>>;
