import type { Type } from 'protobufjs';
import { MetricKind, type RejectionReason, type Signal } from '../../proto/columns/index.ts';
import { toPlain } from './request-types.ts';

type Plain = Record<string, unknown>;

/** The accepted items of a request by service, each with its resource and scope, and why others were rejected. */
export interface Rows {
  readonly byService: Record<string, Plain[]>;
  readonly rejections: Record<string, number>;
}

/** The lists of each request from the outside to the items. */
export const REQUEST_LISTS = {
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
} as const;

const EMPTY_SCOPE = { name: '', version: '', attributes: [], droppedAttributesCount: 0 };
const EMPTY_RESOURCE = { attributes: [], droppedAttributesCount: 0, entityRefs: [] };

/** What protobufjs says, with the rules of rejection written the naive way. `message` is what it decoded. */
export function expectedRows(signal: Signal, type: Type, message: unknown): Rows {
  const request = toPlain(type, message);
  const [resources, scopes, items] = REQUEST_LISTS[signal];
  const byService: Record<string, Plain[]> = {};
  const rejections: Record<string, number> = {};
  for (const owner of request[resources] as Plain[]) {
    const resource = { ...EMPTY_RESOURCE, ...(owner['resource'] as Plain), schemaUrl: owner['schemaUrl'] };
    for (const scoped of owner[scopes] as Plain[]) {
      const scope = { ...EMPTY_SCOPE, ...(scoped['scope'] as Plain), schemaUrl: scoped['schemaUrl'] };
      for (const item of (scoped[items] as Plain[]).flatMap((each) => expectedItems(signal, each))) {
        const reason = rejectionOf(signal, item);
        if (reason !== undefined) rejections[reason] = (rejections[reason] ?? 0) + 1;
        else (byService[serviceOf(resource)] ??= []).push({ resource, scope, item });
      }
    }
  }
  return { byService, rejections };
}

function serviceOf(resource: Plain): string {
  const found = new Map<unknown, unknown>();
  for (const { key, value } of resource['attributes'] as { key: string; value?: Plain }[]) {
    if (value && 'stringValue' in value) found.set(key, value['stringValue']);
  }
  const environment = found.get('deployment.environment.name') ?? found.get('deployment.environment') ?? '';
  const name = found.get('service.name') ?? '';
  return JSON.stringify([
    found.get('service.namespace') ?? '',
    name === '' ? 'unknown_service' : name,
    environment,
  ]);
}

function expectedItems(signal: Signal, item: Plain): Plain[] {
  if (signal === 'traces') {
    return [{ ...item, status: { message: '', code: 0, ...(item['status'] as Plain) } }];
  }
  if (signal === 'logs') return [item];
  const kind = Object.keys(MetricKind).find((name) => name in item);
  if (kind === undefined) return [];
  const { dataPoints, aggregationTemporality = 0, isMonotonic = false } = item[kind] as Plain;
  const { name, description, unit, metadata } = item;
  const metric = {
    name,
    description,
    unit,
    kind,
    temporality: aggregationTemporality,
    isMonotonic,
    metadata,
  };
  const noBuckets = { offset: 0, bucketCounts: [] };
  const base = kind === 'exponentialHistogram' ? { positive: noBuckets, negative: noBuckets } : {};
  return (dataPoints as Plain[]).map((point) => ({ metric, point: { kind, ...base, ...point } }));
}

/** Also writes ids of zeros as absent ones, as the columns do. */
function rejectionOf(signal: Signal, item: Plain): RejectionReason | undefined {
  if (signal === 'traces') return spanRejection(item);
  if (signal === 'logs') {
    if (!isId(item, 'traceId', 16)) return 'trace-id-invalid';
    if (!isId(item, 'spanId', 8)) return 'span-id-invalid';
    return isByte(item['severityNumber']) ? undefined : 'value-out-of-range';
  }
  const point = item['point'] as Plain;
  const counts = point['bucketCounts'] as unknown[] | undefined;
  const bounds = (point['explicitBounds'] ?? []) as unknown[];
  if (counts && counts.length !== bounds.length + 1 && counts.length + bounds.length > 0) {
    return 'bucket-counts-mismatch';
  }
  return lastIdRejection((point['exemplars'] ?? []) as Plain[]);
}

function spanRejection(span: Plain): RejectionReason | undefined {
  const linkReason = lastIdRejection(span['links'] as Plain[]);
  if (!isId(span, 'traceId', 16) || isEmpty(span['traceId'])) return 'trace-id-invalid';
  if (!isId(span, 'spanId', 8) || isEmpty(span['spanId'])) return 'span-id-invalid';
  if (!isId(span, 'parentSpanId', 8)) return 'parent-span-id-invalid';
  if (span['name'] === '') return 'name-missing';
  const laterNs = (span['startTimeUnixNano'] as bigint) - (span['endTimeUnixNano'] as bigint);
  if (laterNs > 60_000_000_000n) return 'end-before-start';
  if (!isByte(span['kind']) || !isByte((span['status'] as Plain)['code'])) return 'value-out-of-range';
  return linkReason;
}

/** Of links or exemplars with bad ids the last one gives the reason. */
function lastIdRejection(items: Plain[]): RejectionReason | undefined {
  let reason: RejectionReason | undefined;
  for (const item of items) {
    const isTraceId = isId(item, 'traceId', 16);
    const isSpanId = isId(item, 'spanId', 8);
    if (!isTraceId) reason = 'trace-id-invalid';
    else if (!isSpanId) reason = 'span-id-invalid';
  }
  return reason;
}

function isId(item: Plain, field: string, width: number): boolean {
  const id = item[field] as Uint8Array;
  if (id.length === width && id.every((byte) => byte === 0)) item[field] = new Uint8Array(0);
  return id.length === width || id.length === 0;
}

function isEmpty(id: unknown): boolean {
  return (id as Uint8Array).length === 0;
}

function isByte(value: unknown): boolean {
  return (value as number) >= 0 && (value as number) <= 255;
}
