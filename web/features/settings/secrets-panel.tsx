import { createSignal, For, Show, type JSX } from 'solid-js';
import type { SecretName } from '../../../proto/settings/index.ts';
import { api } from '../../api/client.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { createChange } from '../../api/create-change.ts';
import { Button } from '../../ui/controls.tsx';
import { Form, FormField } from '../../ui/form.tsx';
import { Moment } from '../../ui/moment.tsx';
import { AnswerView } from '../../ui/states.tsx';

interface Secret {
  readonly name: SecretName;
  readonly description: string;
  readonly isSet: boolean;
  readonly setAtUnixMs: number | null;
  readonly setBy: string | null;
}

function SecretRow(props: {
  readonly secret: Secret;
  readonly mayChange: boolean;
  readonly onChanged: () => void;
}): JSX.Element {
  const [value, setValue] = createSignal('');
  const params = () => ({ name: props.secret.name });
  const done = () => {
    setValue('');
    props.onChanged();
  };
  const set = createChange(
    () => api.send('PUT /api/v1/secrets/:name', { params: params(), body: { value: value() } }),
    done,
  );
  const clear = createChange(() => api.send('DELETE /api/v1/secrets/:name', { params: params() }), done);
  return (
    <div class="setting-fields">
      <p>
        <strong class="mono">{props.secret.name}</strong>{' '}
        <span class="badge" classList={{ ok: props.secret.isSet }}>
          {props.secret.isSet ? 'set' : 'not set'}
        </span>{' '}
        <Show when={props.secret.isSet}>
          <span class="faint">
            <Moment unixMs={props.secret.setAtUnixMs} never="" /> by {props.secret.setBy}
          </span>
        </Show>
      </p>
      <p class="field-hint">{props.secret.description}</p>
      <Show when={props.mayChange}>
        <Form
          action={props.secret.isSet ? 'Replace' : 'Set'}
          look="plain"
          isBusy={set.isBusy() || clear.isBusy()}
          problem={set.problem() ?? clear.problem()}
          disabled={value() === ''}
          onSubmit={set.run}
          more={
            <Show when={props.secret.isSet}>
              <Button look="quiet" disabled={clear.isBusy()} onClick={clear.run}>
                Clear
              </Button>
            </Show>
          }
        >
          <FormField
            label={`New value of ${props.secret.name}`}
            type="password"
            autocomplete="new-password"
            hint="Kept encrypted; nobody can read it back."
            value={value()}
            onInput={setValue}
          />
        </Form>
      </Show>
    </div>
  );
}

/** What must not be read back: whether it is set, since when, and a field to set it anew. */
export function SecretsPanel(props: { readonly mayChange: boolean }): JSX.Element {
  const answer = createAnswer(() => ({ path: '/api/v1/secrets' }) as const);
  return (
    <section class="panel" aria-label="Secrets">
      <header class="panel-head">
        <h2>Secrets</h2>
      </header>
      <AnswerView what="Secrets" answer={answer}>
        {(data) => (
          <For each={data().secrets}>
            {(secret) => <SecretRow secret={secret} mayChange={props.mayChange} onChanged={answer.refetch} />}
          </For>
        )}
      </AnswerView>
    </section>
  );
}
