import type { RangeSamples } from '../select/range-samples.ts';
import type { StepSeries } from './step-series.ts';

export interface ScalarValue {
  readonly type: 'scalar';
  /** One for each step. */
  readonly values: Float64Array;
}

export interface VectorValue {
  readonly type: 'vector';
  readonly series: readonly StepSeries[];
}

export interface StringValue {
  readonly type: 'string';
  readonly text: string;
}

/** Samples between moments: what a range selector or subquery gives to a function, or a query returns as it is. */
export interface RangeValue {
  readonly type: 'range';
  readonly samples: readonly RangeSamples[];
  readonly rangeMs: number;
  /** The end of the range at a step. */
  readonly endAt: (step: number) => number;
  readonly extension: 'none' | 'anchored' | 'smoothed';
}

export type Value = ScalarValue | VectorValue | StringValue | RangeValue;

export const vectorOf = (series: readonly StepSeries[]): VectorValue => ({ type: 'vector', series });
export const scalarOf = (values: Float64Array): ScalarValue => ({ type: 'scalar', values });
