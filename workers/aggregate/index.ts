export { aggregateRows } from './aggregate-rows.ts';
export { AggregateState, type CellState, type NumberState } from './aggregate-state.ts';
export { rankDifferences } from './attribute-diff.ts';
export { countValues, facetField, OWN_OF_SCOPES } from './count-values.ts';
export { CODE_NAMES } from './code-names.ts';
export { namedField, namedNumber } from './named-fields.ts';
export { FieldTally, mergeValueCounts } from './field-tally.ts';
export { REGISTER_BITS, xxHash32 } from './distinct-sketch.ts';
export { bucketBounds, HISTOGRAM_SHIFT } from './log-histogram.ts';
