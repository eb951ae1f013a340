import { createSignal, Show, type JSX } from 'solid-js';
import { createChange } from '../../api/create-change.ts';
import { api } from '../../api/client.ts';
import { Check, Form, FormField } from '../../ui/form.tsx';

/** Changes my password; other sessions of mine end with it. */
export function PasswordPanel(props: { readonly onChanged: () => void }): JSX.Element {
  const [current, setCurrent] = createSignal('');
  const [next, setNext] = createSignal('');
  const [again, setAgain] = createSignal('');
  const [revokeKeys, setRevokeKeys] = createSignal(false);
  const [isDone, setDone] = createSignal(false);
  const change = createChange(
    () =>
      api.send('PUT /api/v1/me/password', {
        body: { current: current(), next: next(), revokeKeys: revokeKeys() },
      }),
    () => {
      setCurrent('');
      setNext('');
      setAgain('');
      setDone(true);
      props.onChanged();
    },
  );
  const differs = () => again() !== '' && again() !== next();
  return (
    <section class="panel" aria-label="Password">
      <header class="panel-head">
        <h2>Password</h2>
      </header>
      <div class="panel-content">
        <Form
          action="Change the password"
          look="plain"
          isBusy={change.isBusy()}
          problem={change.problem()}
          disabled={current() === '' || next() === '' || again() !== next()}
          onSubmit={() => {
            setDone(false);
            change.run();
          }}
        >
          <FormField
            label="Present password"
            type="password"
            autocomplete="current-password"
            value={current()}
            onInput={setCurrent}
          />
          <FormField
            label="New password"
            type="password"
            autocomplete="new-password"
            hint="Twelve characters or more, and not easy to guess. A few words one behind the other do well."
            value={next()}
            onInput={setNext}
          />
          <FormField
            label="New password, again"
            type="password"
            autocomplete="new-password"
            hint={differs() ? 'This is not the same.' : ''}
            value={again()}
            onInput={setAgain}
          />
          <Check
            label="Revoke my API keys, too"
            about="if somebody else may have known the password"
            isOn={revokeKeys()}
            onChange={setRevokeKeys}
          />
        </Form>
        <Show when={isDone()}>
          <p class="ok-text" role="status">
            Changed. Your other sessions have ended.
          </p>
        </Show>
      </div>
    </section>
  );
}
