import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { runQuery, sqlBody } from './requests.ts';
import { named } from './values.ts';

/** As ClickHouse's own format JSON has it. */
const sqlResult = z.object({
  meta: z.array(z.object({ name: z.string(), type: z.string() })),
  data: z.array(z.record(z.string(), z.unknown())),
  rows: z.int(),
});

export const SQL_ENDPOINTS = [
  endpoint({
    method: 'POST',
    path: '/api/v1/sql',
    tag: 'sql',
    needs: 'sql:run',
    summary: 'One SELECT over the archive',
    description:
      'In ClickHouse SQL, over the views otel_traces, otel_logs and otel_metrics_*, which have the columns of the OpenTelemetry ClickHouse exporter. They hold what is archived: the newest minute or so may be missing. Exists when OPHION_SQL is on.',
    queryParameters: runQuery,
    body: sqlBody,
    answer: named('SqlResult', sqlResult),
    formats: ['json', 'ndjson', 'csv', 'arrow', 'parquet'],
    errors: ['FORBIDDEN', 'UNSUPPORTED_MEDIA_TYPE'],
    example: '/api/v1/sql',
  }),
] as const;
