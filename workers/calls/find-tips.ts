import { findTraceTips, type Tip } from '../kernels/tips/index.ts';
import { joinTraces, type CollectedSpan } from './collect-calls.ts';

/** Tips of what threads have collected. */
export function findTips(shares: readonly (readonly CollectedSpan[])[]): readonly Tip[] {
  return findTraceTips(joinTraces(shares));
}
