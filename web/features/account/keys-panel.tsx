import { createSignal, Show, type JSX } from 'solid-js';
import { api } from '../../api/client.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { createChange } from '../../api/create-change.ts';
import { Button } from '../../ui/controls.tsx';
import { FormProblem } from '../../ui/form.tsx';
import { AnswerView } from '../../ui/states.tsx';
import { KeyTable } from '../keys/key-table.tsx';
import { NewKeyDialog } from '../keys/new-key-dialog.tsx';

/** My own API keys. */
export function KeysPanel(): JSX.Element {
  const answer = createAnswer(() => ({ path: '/api/v1/me/keys' }) as const);
  const [isMaking, setMaking] = createSignal(false);
  const revoke = createChange(
    (keyId: string) => api.send('DELETE /api/v1/me/keys/:keyId', { params: { keyId } }),
    answer.refetch,
  );
  return (
    <section class="panel wide" aria-label="API keys">
      <header class="panel-head">
        <h2 class="grow">API keys</h2>
        <Button small look="primary" onClick={() => setMaking(true)}>
          New key
        </Button>
      </header>
      <FormProblem problem={revoke.problem()} />
      <AnswerView
        what="API keys"
        answer={answer}
        isEmpty={({ keys }) => keys.length === 0}
        empty={
          <p class="panel-content faint">
            No keys yet. A key lets a program send telemetry or ask the API as you, never more than you may.
          </p>
        }
      >
        {(data) => (
          <KeyTable
            keys={data().keys}
            isBusy={revoke.isBusy()}
            onRevoke={({ id }) => {
              revoke.run(id);
            }}
          />
        )}
      </AnswerView>
      <Show when={isMaking()}>
        <NewKeyDialog
          title="New API key of mine"
          make={(body) => api.send('POST /api/v1/me/keys', { body })}
          onClose={() => {
            setMaking(false);
            answer.refetch();
          }}
        />
      </Show>
    </section>
  );
}
