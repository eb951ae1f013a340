import type { ExpectedFigures, ExpectedQuery } from '../../actors/insights/index.ts';
import type { QueryRun } from '../../actors/ports/index.ts';
import { beforeDeadline } from './before-deadline.ts';
import { serviceOf } from './parameters.ts';

/** Who knows what is expected: see `ExpectedQuery`. */
export type ReadExpected = (query: ExpectedQuery) => Promise<ExpectedFigures>;

/** Counted as read from the windows: it is what was learned of them. */
export async function answerExpected(
  readExpected: ReadExpected,
  service: string,
  run: QueryRun,
): Promise<ExpectedFigures> {
  const query = { visible: run.visible, service: serviceOf(service) };
  const figures = await run.timed('hot', () => beforeDeadline(readExpected(query), run.signal));
  run.countRead('hot', figures.steps.length, 0);
  return figures;
}
