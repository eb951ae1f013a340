import { onCleanup, type Accessor } from 'solid-js';
import { createAnswer } from '../../api/create-answer.ts';
import type { ExpectedFigures } from './expected-lines.ts';

/** As often as there is a new step. */
const ASK_EVERY_MS = 10_000;

/** What is expected of a service, asked for again and again; undefined while it cannot be had. */
export function createExpected(service: Accessor<string>): Accessor<ExpectedFigures | undefined> {
  const answer = createAnswer(() => ({
    path: '/api/v1/services/:service/expected',
    params: { service: service() },
    query: {},
  }));
  const timer = setInterval(answer.refetch, ASK_EVERY_MS);
  onCleanup(() => {
    clearInterval(timer);
  });
  return answer.data;
}
