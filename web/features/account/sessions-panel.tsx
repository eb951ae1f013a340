import type { JSX } from 'solid-js';
import { api } from '../../api/client.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { createChange } from '../../api/create-change.ts';
import { Button } from '../../ui/controls.tsx';
import { FormProblem } from '../../ui/form.tsx';
import { AnswerView } from '../../ui/states.tsx';
import { SessionTable } from './session-table.tsx';

/** Where I am signed in. */
export function SessionsPanel(): JSX.Element {
  const answer = createAnswer(() => ({ path: '/api/v1/me/sessions' }) as const);
  const end = createChange(
    (sessionId: string) => api.send('DELETE /api/v1/me/sessions/:sessionId', { params: { sessionId } }),
    answer.refetch,
  );
  const endOthers = createChange(() => api.send('DELETE /api/v1/me/sessions', {}), answer.refetch);
  return (
    <section class="panel wide" aria-label="Sessions">
      <header class="panel-head">
        <h2 class="grow">Sessions</h2>
        <Button
          small
          disabled={endOthers.isBusy() || (answer.data()?.sessions.length ?? 0) < 2}
          onClick={endOthers.run}
        >
          End all others
        </Button>
      </header>
      <FormProblem problem={end.problem() ?? endOthers.problem()} />
      <AnswerView what="Sessions" answer={answer}>
        {(data) => (
          <SessionTable
            sessions={data().sessions}
            isBusy={end.isBusy()}
            onEnd={({ id }) => {
              end.run(id);
            }}
          />
        )}
      </AnswerView>
    </section>
  );
}
