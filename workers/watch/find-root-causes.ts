import { rankRootCauses, type RootCause, type RootCauseInput } from '../kernels/root-cause/index.ts';

/** A task: see `rankRootCauses`. */
export function findRootCauses(input: RootCauseInput): readonly RootCause[] {
  return rankRootCauses(input);
}
