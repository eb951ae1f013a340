/** What a series measures, whatever its name. `availability` is a share that falls when things go wrong, `errors` one that rises. */
export type SignalKind =
  'latency' | 'requests' | 'errors' | 'availability' | 'cpu' | 'memory' | 'network' | 'disk';

/** Who calls whom. */
export interface CallEdge {
  readonly caller: string;
  readonly callee: string;
}

/** Seconds and values, of the same length; times ascend, NaN stands for a missing value. */
export interface Stretch {
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** One series of one service (or of a pod of it), while all was well and around the symptom. */
export interface SignalSeries {
  readonly service: string;
  readonly kind: SignalKind;
  /** For the reader of the evidence. */
  readonly name: string;
  readonly normal: Stretch;
  readonly abnormal: Stretch;
}

/** A finished span; `start` and `duration` in any one unit. */
export interface SpanEvidence {
  readonly id: string;
  /** Empty at a root. */
  readonly parent: string;
  readonly service: string;
  readonly operation: string;
  readonly start: number;
  readonly duration: number;
  readonly isError: boolean;
}

/** How often a service logged a pattern in each stretch. */
export interface LogPatternCount {
  readonly service: string;
  readonly pattern: string;
  readonly isError: boolean;
  readonly normal: number;
  readonly abnormal: number;
}

/** A deploy, a changed setting, a restart, a scaling; `time` in seconds as those of the series. */
export interface ChangeEvent {
  readonly service: string;
  readonly what: string;
  readonly time: number;
}

export interface RootCauseInput {
  readonly edges: readonly CallEdge[];
  readonly series: readonly SignalSeries[];
  readonly spans?: { readonly normal: readonly SpanEvidence[]; readonly abnormal: readonly SpanEvidence[] };
  readonly logs?: readonly LogPatternCount[];
  readonly changes?: readonly ChangeEvent[];
  /** Where it hurts. Without a kind, or without a series of it, any change of any service counts. */
  readonly symptom?: { readonly service: string; readonly kind?: SignalKind };
}
