import type { ServiceKey } from '../../proto/columns/index.ts';
import type { PatternActivityState, PatternMinerState } from '../../workers/kernels/log-patterns/index.ts';
import type { BurstRecorderState } from '../../workers/kernels/recurrence/index.ts';
import type { Severity } from '../../workers/watch/index.ts';

/** Counts by cells of time. Plain data, for JSON. */
export interface CountCellsState {
  /** Number of the first cell since the epoch. */
  readonly first: number;
  readonly counts: readonly number[];
}

/** A service, and how much it logged. */
export interface KeptLogService {
  readonly service: ServiceKey;
  /** Since when it was watched, Unix ms. */
  readonly sinceMs: number;
  readonly records: number;
  readonly cells: CountCellsState;
}

/** What is known of a pattern of a service. */
export interface KeptPattern {
  readonly service: ServiceKey;
  readonly pattern: string;
  readonly template: string;
  readonly isCut: boolean;
  readonly severity: Severity;
  readonly fingerprint: string;
  readonly frames: readonly string[];
  readonly examples: readonly string[];
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly recordsBefore: number;
  readonly activity: PatternActivityState;
  readonly cells: CountCellsState;
  readonly bursts: BurstRecorderState;
}

/** Requests or failures of a service, as far as they come in bursts. */
export interface KeptSignal {
  readonly service: ServiceKey;
  readonly signal: 'requests' | 'errors';
  readonly sinceMs: number;
  readonly cells: CountCellsState;
  readonly bursts: BurstRecorderState;
}

/** An open insight about patterns: by its group, and what is in it. */
export interface KeptPatternGroup {
  readonly group: string;
  readonly insightId: string;
  readonly subjects: readonly string[];
}

/** A type of failure or an attribute of a service's spans: see `SpanMark`. */
export interface KeptSpanMark {
  readonly kind: 'error' | 'attribute';
  readonly name: string;
  readonly service: ServiceKey;
  readonly operation: string;
  readonly message: string;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
  readonly spansBefore: number;
}

export interface KeptSpanMarks {
  readonly services: readonly {
    readonly service: ServiceKey;
    readonly sinceMs: number;
    readonly spans: Readonly<Record<KeptSpanMark['kind'], number>>;
  }[];
  /** Those longest unseen first. */
  readonly marks: readonly KeptSpanMark[];
}

/** What the watch over logs goes on with after a restart, so that what is old is not new. Plain data, for JSON. */
export interface KeptWatch {
  readonly version: 1;
  readonly services: readonly KeptLogService[];
  /** Those longest unseen first. */
  readonly patterns: readonly KeptPattern[];
  readonly signals: readonly KeptSignal[];
  /** Absent in what was kept before there were any. */
  readonly spans?: KeptSpanMarks;
  readonly open: readonly KeptPatternGroup[];
  /** When something was told last, by what it is: it is not told anew at once. */
  readonly told: readonly (readonly [key: string, unixMs: number])[];
}

export interface KeptLogPatterns {
  readonly templates: PatternMinerState;
  /** Undefined where only templates were kept. */
  readonly watch: KeptWatch | undefined;
}

/** Where the templates of log lines, and what is known of them, are kept over restarts: two documents, plain JSON, a few MB each at most. */
export interface LogTemplateStore {
  /** Undefined on a new installation. Rejects with `StorageUnavailableError`. */
  read(): Promise<KeptLogPatterns | undefined>;
  /** In the place of what was kept before, both or none. Rejects with `StorageUnavailableError`. */
  write(kept: KeptLogPatterns): Promise<void>;
}
