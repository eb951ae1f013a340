import type { Labels } from '../../workers/promql/index.ts';
import type { NotedSample } from './series-notation.ts';

export interface StoredSample {
  readonly sample: Exclude<NotedSample, { kind: 'none' }>;
  startMs: number;
}

export interface StoredSeries {
  readonly labels: Labels;
  readonly samples: Map<number, StoredSample>;
}
