import { A } from '@solidjs/router';
import { createSignal, Show, type JSX } from 'solid-js';
import { ApiProblem } from '../../../proto/api/index.ts';
import { api } from '../../api/client.ts';
import { Button } from '../../ui/controls.tsx';
import { Check, FormField } from '../../ui/form.tsx';
import './sign-in.css';

/** Sets a password by the link that an administrator has given; what it opens with stands behind #. */
export function SetPasswordPage(): JSX.Element {
  const token = window.location.hash.slice(1);
  // Neither the history nor a picture of the window keeps it.
  window.history.replaceState(window.history.state, '', window.location.pathname);
  const [password, setPassword] = createSignal('');
  const [keepKeys, setKeepKeys] = createSignal(false);
  const [problem, setProblem] = createSignal<ApiProblem>();
  const [isDone, setDone] = createSignal(false);
  const save = async () => {
    setProblem(undefined);
    try {
      await api.send('POST /api/v1/password-links/redeem', {
        body: { token, password: password(), keepKeys: keepKeys() },
      });
      setDone(true);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setProblem(error);
    }
  };
  return (
    <main class="sign-in">
      <form
        class="sign-in-card"
        aria-labelledby="set-password-title"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <h1 id="set-password-title">Set your password</h1>
        <Show
          when={!isDone()}
          fallback={
            <p>
              It is set. <A href="/sign-in">Sign in</A>
            </p>
          }
        >
          <p class="dim">
            At least twelve characters: a few unrelated words are easy to remember and hard to guess.
          </p>
          <FormField
            label="New password"
            type="password"
            autocomplete="new-password"
            required
            autofocus
            value={password()}
            onInput={setPassword}
          />
          <Check
            label="Keep my API keys"
            about="without it they are revoked, as whoever knew the old password may have made some"
            isOn={keepKeys()}
            onChange={setKeepKeys}
          />
          <div class="sign-in-problem" role="alert">
            <Show when={problem()}>{(error) => <p>{error().message}</p>}</Show>
          </div>
          <Button type="submit" look="primary">
            Set password
          </Button>
        </Show>
      </form>
    </main>
  );
}
