import type { Series } from '../model/series.ts';
import type { VectorSelector } from '../parse/ast.ts';
import type { Annotations } from './annotations.ts';
import type { QueryWindow } from './grid.ts';
import type { SampleBudget } from './sample-budget.ts';

/** What one evaluation has at hand wherever it is. */
export interface EvaluationContext {
  readonly window: QueryWindow;
  readonly lookbackMs: number;
  readonly annotations: Annotations;
  readonly budget: SampleBudget;
  /** The series fetched for a selector, sorted by labels. */
  readonly seriesOf: (selector: VectorSelector) => readonly Series[];
  /** Selectors whose histograms are asked for count and sum only: their counter resets are found sample by sample. */
  readonly statsOnly: ReadonlySet<VectorSelector>;
}
