import { ApiProblem, urlOf, type Query } from '../../../proto/api/index.ts';

const FORMATS = {
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
} as const;
export type AuditFormat = keyof typeof FORMATS;

const MOST_ENTRIES = 10_000;

/** Lets the browser save what fits the filter, the newest ten thousand entries of it. */
export async function saveAuditLog(format: AuditFormat, query: Query): Promise<void> {
  const url = urlOf({ path: '/api/v1/audit', query: { ...query, cursor: undefined, limit: MOST_ENTRIES } });
  const response = await fetch(url, { headers: { accept: FORMATS[format] } });
  if (!response.ok) {
    throw new ApiProblem(
      `the audit log cannot be exported: ${response.status} ${response.statusText}`,
      'INTERNAL',
      response.status,
      undefined,
    );
  }
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = `ophion-audit-${new Date().toISOString().slice(0, 10)}.${format}`;
  link.click();
  URL.revokeObjectURL(address);
}
