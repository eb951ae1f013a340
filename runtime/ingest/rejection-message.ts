import type { DecodedRequest, RejectionReason, WarningReason } from '../../proto/columns/index.ts';

const ITEM_NAMES = { traces: 'spans', metrics: 'data points', logs: 'log records' } as const;

const EXPECTED: Readonly<Record<RejectionReason | WarningReason, string>> = {
  'trace-id-invalid': 'a trace id has 16 bytes, not all zero',
  'span-id-invalid': 'a span id has 8 bytes, not all zero',
  'parent-span-id-invalid': 'a parent span id has 8 bytes, or none',
  'name-missing': 'a span has a name',
  'end-before-start': 'a span ends after it starts',
  'bucket-counts-mismatch': 'a histogram has one more count than bounds, or neither',
  'value-out-of-range': 'kinds, severities and status codes are at most 255',
  'string-index-ignored': 'string indexes are for profiles; send the text',
};

/** '' when nothing was left out. Rejected items first, then what accepted ones lost. */
export function rejectionMessage({
  signal,
  accepted,
  rejected,
  rejections,
  warnings,
}: DecodedRequest): string {
  const parts: string[] = [];
  if (rejected > 0) {
    parts.push(`${rejected} of ${accepted + rejected} ${ITEM_NAMES[signal]} rejected: ${listed(rejections)}`);
  }
  if (warnings.size > 0) parts.push(`accepted without some of their fields: ${listed(warnings)}`);
  return parts.join('. ');
}

function listed(counts: ReadonlyMap<RejectionReason | WarningReason, number>): string {
  return [...counts].map(([reason, count]) => `${count} ${reason} (${EXPECTED[reason]})`).join(', ');
}
