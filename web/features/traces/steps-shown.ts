import type { TraceShapeJson } from '../../../proto/api/index.ts';

type Step = TraceShapeJson['steps'][number];

export interface ShownSteps {
  readonly lines: readonly { readonly step: Step; readonly showsService: boolean }[];
  /** Further steps, those that did not come with the answer among them. */
  readonly hidden: number;
}

const FEW_STEPS = 5;

/** The steps of a shape, a few or all; a service is named where it is another than that of the step above. */
export function stepsShown({ steps, stepsLeftOut }: TraceShapeJson, isWhole: boolean): ShownSteps {
  const above: string[] = [];
  const lines = steps.map((step) => {
    const showsService = above[step.depth - 1] !== step.service.id;
    above[step.depth] = step.service.id;
    return { step, showsService };
  });
  const shown = isWhole ? lines : lines.slice(0, FEW_STEPS);
  return { lines: shown, hidden: lines.length - shown.length + stepsLeftOut };
}
