import type { InsightEvidenceJson, RootCauseJson, InsightJson } from '../../proto/api/index.ts';
import type { ServiceId } from '../../proto/columns/index.ts';
import type { InCommon } from './span-comparison.ts';
import type { Trouble } from './symptom.ts';

export type CourseJson = NonNullable<InsightJson['course']>;

/** One thing that went wrong, for as long as it does. */
export interface OpenInsight {
  readonly id: string;
  readonly startedMs: number;
  readonly detectedMs: number;
  updatedMs: number;
  /** When it was last seen to hold. */
  heldMs: number;
  endedMs: number | undefined;
  /** By service, as bad as each was. */
  readonly members: Map<ServiceId, Trouble>;
  severity: InsightJson['severity'];
  /** Of the last analysis that found any. */
  rootCauses: readonly RootCauseJson[];
  /** Of the abnormal spans at the first of them. */
  inCommon: InCommon;
  /** Log patterns that changed with it, of its services and those beside them. */
  patterns: readonly InsightEvidenceJson[];
  /** Moments at which its causes are looked for, those to come; and how often that was done. */
  analyses: readonly number[];
  analysed: number;
  /** How often it was asked whether later trouble is of it, and when last. */
  decided: number;
  decidedMs: number;
  /** Of one that began while another held: what comes before is no measure of its causes. */
  readonly normalFromMs: number | undefined;
  /** When another began beside it: what comes after says nothing of its causes. */
  untilMs: number | undefined;
  course: CourseJson;
  /** As it was last shown; what was read from the store at start has no members until its services are heard of again. */
  shown: InsightJson | undefined;
}
