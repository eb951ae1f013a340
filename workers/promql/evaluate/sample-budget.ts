import { PromqlStoppedError } from './promql-error.ts';

export interface EvaluationLimits {
  /** Samples read and points made by one query. */
  readonly maxSamples: number;
  /** Not 0 once the query shall stop; shared with the thread that asked. */
  readonly stop?: Int32Array | undefined;
}

/** Asked once a series, not once a sample. */
export class SampleBudget {
  private readonly limits: EvaluationLimits;
  private used = 0;

  constructor(limits: EvaluationLimits) {
    this.limits = limits;
  }

  spend(samples: number): void {
    this.used += samples;
    const { maxSamples, stop } = this.limits;
    if (stop !== undefined && Atomics.load(stop, 0) !== 0) {
      throw new PromqlStoppedError('CANCELLED', 'query was cancelled in expression evaluation');
    }
    if (this.used <= maxSamples) return;
    const advice = 'select fewer series, a shorter range or a longer step';
    const message = `query processing would load too many samples into memory: more than ${maxSamples}; ${advice}`;
    throw new PromqlStoppedError('TOO_MANY_SAMPLES', message);
  }
}
