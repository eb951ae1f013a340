import { For, Show, type JSX } from 'solid-js';
import { api } from '../../api/client.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { createChange } from '../../api/create-change.ts';
import { Button } from '../../ui/controls.tsx';
import { FormProblem } from '../../ui/form.tsx';
import { Moment } from '../../ui/moment.tsx';
import { AnswerView } from '../../ui/states.tsx';
import { browserName } from './browser-name.ts';

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
        <Button small disabled={endOthers.isBusy()} onClick={endOthers.run}>
          End all others
        </Button>
      </header>
      <FormProblem problem={end.problem() ?? endOthers.problem()} />
      <AnswerView what="Sessions" answer={answer}>
        {(data) => (
          <table class="plain-table">
            <thead>
              <tr>
                <th scope="col">Browser or program</th>
                <th scope="col">Address</th>
                <th scope="col">Signed in</th>
                <th scope="col">Last seen</th>
                <th scope="col">
                  <span class="visually-hidden">End</span>
                </th>
              </tr>
            </thead>
            <tbody>
              <For each={data().sessions}>
                {(session) => (
                  <tr>
                    <td title={session.userAgent}>{browserName(session.userAgent)}</td>
                    <td class="mono">{session.address}</td>
                    <td>
                      <Moment unixMs={session.createdAtUnixMs} never="" />
                    </td>
                    <td>
                      <Moment unixMs={session.seenAtUnixMs} never="" />
                    </td>
                    <td class="end">
                      <Show when={!session.isCurrent} fallback={<span class="badge ok">this one</span>}>
                        <Button
                          small
                          look="quiet"
                          disabled={end.isBusy()}
                          onClick={() => {
                            end.run(session.id);
                          }}
                        >
                          End
                        </Button>
                      </Show>
                    </td>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        )}
      </AnswerView>
    </section>
  );
}
