import type { DictionarySnapshot } from './dictionary.ts';
import type { Columns, Signal } from './signals.ts';

/** Who sent it: `service.namespace`, `service.name`, `deployment.environment.name` of the resource. Absent is ''. */
export interface ServiceKey {
  readonly namespace: string;
  readonly name: string;
  readonly environment: string;
}

declare const serviceId: unique symbol;
/** A `ServiceKey` as one URL-safe string: `environment~namespace~name`, each percent-encoded. */
export type ServiceId = string & { readonly [serviceId]: true };

/** What OpenTelemetry calls a resource without `service.name`. */
export const UNKNOWN_SERVICE = 'unknown_service';

/**
 * Items of one signal and one service, in the order they came. Immutable once published. Every column is a view
 * of `buffer`, or, when all its values are zero, of one buffer of zeros that all batches share.
 */
export interface Batch<S extends Signal = Signal> {
  readonly signal: S;
  readonly rowCount: number;
  readonly buffer: SharedArrayBuffer;
  readonly columns: Columns<S>;
  /** Bit i: the i-th array in the order of the layout is all zeros and not in `buffer`. With it a thread finds the columns again. */
  readonly zeroArrays: number;
  readonly dictionary: DictionarySnapshot;
  /** Of span starts, log times (observed time where time is 0) or point times; ns since the epoch. */
  readonly minTimeUnixNano: bigint;
  readonly maxTimeUnixNano: bigint;
}

export type AnyBatch = { readonly [S in Signal]: Batch<S> }[Signal];

/** One service's share of a decoded request. */
export interface ServiceBatch<S extends Signal = Signal> {
  readonly service: ServiceKey;
  readonly batch: Batch<S>;
}

export const REJECTION_REASONS = [
  'trace-id-invalid',
  'span-id-invalid',
  'parent-span-id-invalid',
  'name-missing',
  'end-before-start',
  'bucket-counts-mismatch',
  'value-out-of-range',
] as const;
export type RejectionReason = (typeof REJECTION_REASONS)[number];

/** What was left out of accepted items because OTLP says so. */
export const WARNING_REASONS = ['string-index-ignored'] as const;
export type WarningReason = (typeof WARNING_REASONS)[number];

/** A request as columns. `accepted + rejected` is the number of items sent. */
export interface DecodedRequest<S extends Signal = Signal> {
  readonly signal: S;
  readonly batches: readonly ServiceBatch<S>[];
  readonly accepted: number;
  readonly rejected: number;
  /** Counts by reason; they add up to `rejected`. */
  readonly rejections: ReadonlyMap<RejectionReason, number>;
  /** Counts by reason of what accepted items lost: fields, not items. */
  readonly warnings: ReadonlyMap<WarningReason, number>;
}

/** The whole request cannot be read. `reason` is one English sentence that names the place and what was expected. */
export interface UndecodableRequest {
  readonly undecodable: true;
  readonly reason: string;
}
