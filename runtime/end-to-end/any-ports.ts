/** Settings of a platform that is started beside others: whichever ports are free. */
export const ANY_PORTS = {
  OPHION_DASHBOARD_PORT: '0',
  OPHION_API_PORT: '0',
  OPHION_OTLP_GRPC_PORT: '0',
  OPHION_OTLP_HTTP_PORT: '0',
} as const;
