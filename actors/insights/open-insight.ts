import type { RootCauseJson, InsightJson } from '../../proto/api/index.ts';
import type { ServiceId } from '../../proto/columns/index.ts';
import type { InCommon } from './span-comparison.ts';
import type { Trouble } from './symptom.ts';

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
  /** Moments at which its causes are looked for, those to come. */
  analyses: readonly number[];
  /** As it was last shown; what was read from the store at start has no members until its services are heard of again. */
  shown: InsightJson | undefined;
}
