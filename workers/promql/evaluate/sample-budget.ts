import { TooManySamplesError } from './promql-error.ts';

export interface EvaluationLimits {
  /** Samples read and points made by one query. */
  readonly maxSamples: number;
  /** Throws when nobody waits for the answer any longer. */
  readonly checkpoint?: (() => void) | undefined;
}

/** Asked once a series, not once a sample. */
export class SampleBudget {
  private readonly limits: EvaluationLimits;
  private used = 0;

  constructor(limits: EvaluationLimits) {
    this.limits = limits;
  }

  spend(samples: number): void {
    this.require(samples);
    this.used += samples;
  }

  /** Throws where as many more would be too many: before room is made for them. */
  require(samples: number): void {
    const { maxSamples, checkpoint } = this.limits;
    checkpoint?.();
    if (this.used + samples <= maxSamples) return;
    const advice = 'select fewer series, a shorter range or a longer step';
    const message = `query processing would load too many samples into memory: more than ${maxSamples}; ${advice}`;
    throw new TooManySamplesError(message);
  }

  /** Samples that were read and points that were made. */
  get spent(): number {
    return this.used;
  }
}
