/**
 * OTLP 1.11 in our own .proto files. They import each other by file name; `google/protobuf/any.proto` and
 * `google/protobuf/duration.proto` are expected to be known to the reader (protobufjs brings them along).
 */
export const PROTO_FILES = {
  common: new URL('common.proto', import.meta.url),
  resource: new URL('resource.proto', import.meta.url),
  trace: new URL('trace.proto', import.meta.url),
  metrics: new URL('metrics.proto', import.meta.url),
  logs: new URL('logs.proto', import.meta.url),
  collectorTrace: new URL('collector-trace.proto', import.meta.url),
  collectorMetrics: new URL('collector-metrics.proto', import.meta.url),
  collectorLogs: new URL('collector-logs.proto', import.meta.url),
  rpcStatus: new URL('rpc-status.proto', import.meta.url),
} as const;

/** Full names of what a client sends and gets, by signal. */
export const EXPORT_MESSAGES = {
  traces: {
    request: 'opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest',
    response: 'opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse',
    service: 'opentelemetry.proto.collector.trace.v1.TraceService',
  },
  metrics: {
    request: 'opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest',
    response: 'opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse',
    service: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
  },
  logs: {
    request: 'opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest',
    response: 'opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse',
    service: 'opentelemetry.proto.collector.logs.v1.LogsService',
  },
} as const;
