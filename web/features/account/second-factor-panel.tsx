import { createSignal, Match, Show, Switch, type JSX } from 'solid-js';
import { api } from '../../api/client.ts';
import { createChange } from '../../api/create-change.ts';
import { Button } from '../../ui/controls.tsx';
import { Form, FormField } from '../../ui/form.tsx';
import { SecondFactorSecret, type NewSecondFactor } from './second-factor-secret.tsx';

function Confirm(props: {
  readonly secret: NewSecondFactor;
  readonly onDone: () => void;
  readonly onCancel: () => void;
}): JSX.Element {
  const [code, setCode] = createSignal('');
  const confirm = createChange(
    () => api.send('PUT /api/v1/me/second-factor', { body: { code: code().replaceAll(' ', '') } }),
    () => {
      props.onDone();
    },
  );
  return (
    <Form
      action="Switch it on"
      isBusy={confirm.isBusy()}
      problem={confirm.problem()}
      disabled={code().trim() === ''}
      onSubmit={confirm.run}
      more={<Button onClick={props.onCancel}>Cancel</Button>}
    >
      <SecondFactorSecret made={props.secret} />
      <FormField
        label="Code of six digits"
        inputMode="numeric"
        autocomplete="one-time-code"
        value={code()}
        autofocus
        onInput={setCode}
      />
    </Form>
  );
}

/** An authenticator app as second factor: begin, confirm, remove. */
export function SecondFactorPanel(props: {
  readonly isOn: boolean;
  readonly onChanged: () => void;
}): JSX.Element {
  const [password, setPassword] = createSignal('');
  const [secret, setSecret] = createSignal<NewSecondFactor>();
  const body = () => ({ body: { password: password() } });
  const begin = createChange(
    () => api.send('POST /api/v1/me/second-factor', body()),
    (made) => {
      setPassword('');
      setSecret(made);
    },
  );
  const remove = createChange(
    () => api.send('POST /api/v1/me/second-factor/remove', body()),
    () => {
      setPassword('');
      props.onChanged();
    },
  );
  return (
    <section class="panel" aria-label="Second factor">
      <header class="panel-head">
        <h2>Second factor</h2>
        <span class="badge" classList={{ ok: props.isOn }}>
          {props.isOn ? 'On' : 'Off'}
        </span>
      </header>
      <div class="panel-content">
        <Switch>
          <Match when={secret()}>
            {(shown) => (
              <Confirm
                secret={shown()}
                onDone={() => {
                  setSecret(undefined);
                  props.onChanged();
                }}
                onCancel={() => {
                  setSecret(undefined);
                }}
              />
            )}
          </Match>
          <Match when={true}>
            <Form
              action={props.isOn ? 'Do without it' : 'Set it up'}
              look="plain"
              isBusy={begin.isBusy() || remove.isBusy()}
              problem={begin.problem() ?? remove.problem()}
              disabled={password() === ''}
              onSubmit={() => {
                if (props.isOn) remove.run();
                else begin.run();
              }}
            >
              <Show
                when={props.isOn}
                fallback={<p>With it a password alone, guessed or stolen, opens nothing.</p>}
              >
                <p>Signing in asks for a code of your authenticator app.</p>
              </Show>
              <FormField
                label="Password, to confirm"
                type="password"
                autocomplete="current-password"
                value={password()}
                onInput={setPassword}
              />
            </Form>
          </Match>
        </Switch>
      </div>
    </section>
  );
}
