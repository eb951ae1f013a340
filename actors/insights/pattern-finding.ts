import type { InsightEvidenceJson, InsightJson } from '../../proto/api/index.ts';
import type { ServiceId, ServiceKey } from '../../proto/columns/index.ts';

/** In nats, of each finding: one false in 10¹⁰ looks, as far as the models hold. */
export const LEAST_NATS = 25;
/** Before, whatever a service has is as new as the service. */
export const WATCHED_MS = 1_800_000;
/** An anomaly of the same cause is found meanwhile. */
export const PATIENCE_MS = 60_000;
export const NEW_MS = 1_800_000;

/** `missed`: what recurs did not come at its time. */
export type FindingType = 'new' | 'rising' | 'gone' | 'missed' | 'periodic';

/** Something about a log pattern, or about requests that recur, that may be worth saying. */
export interface PatternFinding {
  readonly type: FindingType;
  /** What is found together is told together: of one service and type, and of one time where it recurs. */
  readonly group: string;
  /** The pattern or signal, by what feedback on it is kept under. */
  readonly subject: string;
  readonly service: ServiceKey;
  readonly serviceId: ServiceId;
  readonly severity: InsightJson['severity'];
  readonly nats: number;
  readonly sinceMs: number;
  /** What it is of, as a sentence names it: “charge of <*> failed”. */
  readonly name: string;
  /** The rest of the sentence: `has stopped`, `comes 4 times as often`. */
  readonly says: string;
  /** Why it is thought so: a sentence. */
  readonly because: string;
  readonly evidence: readonly InsightEvidenceJson[];
}
