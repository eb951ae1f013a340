import { ApiProblem } from '../../proto/api/index.ts';

export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem(error instanceof Error ? error.message : String(error), 'INTERNAL', 0, undefined);
}
