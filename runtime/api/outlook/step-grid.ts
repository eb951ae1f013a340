import type { StepGrid } from '../../../actors/outlook/index.ts';
import { parseSpanMs } from '../../../proto/api/index.ts';
import { ApiError } from '../api-error.ts';
import { rangeOf } from '../parameters.ts';

interface Wanted {
  readonly from: string;
  readonly to: string;
  readonly step?: string | undefined;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Steps that people read easily. */
const STEPS_MS = [
  ...[10, 15, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 15, 20, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12, 24].map((hours) => hours * HOUR_MS),
];
const USUAL_COUNT = 500;

/** The times of a range, at multiples of the step, so that the same question later has the same times. */
export function stepGridOf({ from, to, step }: Wanted, nowUnixNano: bigint, most: number): StepGrid {
  const range = rangeOf({ from, to }, nowUnixNano);
  const nowMs = Number(nowUnixNano / 1_000_000n);
  const fromMs = Number(range.fromUnixNano / 1_000_000n);
  // What is not yet has no values.
  const toMs = Math.min(Number(range.toUnixNano / 1_000_000n), nowMs);
  const usual =
    STEPS_MS.find((ms) => (toMs - fromMs) / ms <= USUAL_COUNT) ??
    Math.ceil((toMs - fromMs) / USUAL_COUNT / DAY_MS) * DAY_MS;
  const stepMs = step === undefined ? usual : stepsOf('step', step, 1);
  const startUnixMs = Math.ceil(fromMs / stepMs) * stepMs;
  const count = Math.floor((toMs - startUnixMs) / stepMs) + 1;
  if (count < 1) {
    throw new ApiError(
      'BAD_REQUEST',
      'the range is shorter than a step, or has not begun',
      'choose an earlier from',
    );
  }
  if (count > most) {
    throw new ApiError(
      'BAD_REQUEST',
      `the range has ${count} steps, more than ${most}`,
      'choose a longer step',
    );
  }
  return { startUnixMs, stepMs, count };
}

/** A duration in whole steps. */
export function stepsOf(name: string, text: string, stepMs: number): number {
  const steps = Math.round((parseSpanMs(text) ?? 0) / stepMs);
  if (steps >= 1) return steps;
  throw new ApiError('BAD_REQUEST', `${name} is ${text}: shorter than a step`, 'choose a longer one');
}
