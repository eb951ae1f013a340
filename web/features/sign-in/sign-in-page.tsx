import { useNavigate, useSearchParams } from '@solidjs/router';
import { createSignal, createUniqueId, Match, Show, Switch, type JSX } from 'solid-js';
import { ApiProblem, type MeJson } from '../../../proto/api/index.ts';
import { api } from '../../api/client.ts';
import { placeAfterSignIn } from '../../app/sign-in-href.ts';
import { Button } from '../../ui/controls.tsx';
import { SignInElsewhere } from './sign-in-elsewhere.tsx';
import './sign-in.css';

type Step = 'password' | 'code' | 'new-password';

/** From login and password, over the code of a second factor and a first password of one's own, to the dashboard. */
export function SignInPage(): JSX.Element {
  const navigate = useNavigate();
  const [search] = useSearchParams<{ to: string; refused: string }>();
  const [step, setStep] = createSignal<Step>('password');
  const [login, setLogin] = createSignal('');
  const [password, setPassword] = createSignal('');
  const [code, setCode] = createSignal('');
  const [next, setNext] = createSignal('');
  const [problem, setProblem] = createSignal<ApiProblem>();
  const [isBusy, setBusy] = createSignal(false);

  const enter = ({ mustChangePassword }: MeJson) => {
    if (mustChangePassword) setStep('new-password');
    else navigate(placeAfterSignIn(search.to), { replace: true });
  };
  const signIn = async () => {
    const body = { login: login(), password: password(), deliver: 'cookies' as const };
    const { me } = await api.send('POST /api/v1/session', {
      body: step() === 'code' ? { ...body, code: code() } : body,
    });
    enter(me);
  };
  const changePassword = async () => {
    await api.send('PUT /api/v1/me/password', { body: { current: password(), next: next() } });
    enter(await api.get({ path: '/api/v1/me' }));
  };
  const submit = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await (step() === 'new-password' ? changePassword() : signIn());
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      if (error.code === 'CODE_NEEDED') setStep('code');
      else setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <form
        class="sign-in-card"
        aria-labelledby="sign-in-title"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <svg class="sign-in-mark" viewBox="0 0 32 32" aria-hidden="true">
          <rect class="brand-tile" width="32" height="32" rx="8" />
          <path class="brand-wave" d="M6 19c3-9 6-9 10-3s7 6 10-3" />
        </svg>
        <Switch>
          <Match when={step() === 'password'}>
            <h1 id="sign-in-title">Sign in to OPHION</h1>
            <Field label="Login" name="username" value={login()} onInput={setLogin} isFirst />
            <Field
              label="Password"
              name="current-password"
              type="password"
              value={password()}
              onInput={setPassword}
            />
          </Match>
          <Match when={step() === 'code'}>
            <h1 id="sign-in-title">One more step</h1>
            <p class="dim">Enter the code that your authenticator app shows for {login()}.</p>
            <Field label="Code" name="one-time-code" value={code()} onInput={setCode} isFirst />
          </Match>
          <Match when={step() === 'new-password'}>
            <h1 id="sign-in-title">Choose a password</h1>
            <p class="dim">
              The one you signed in with was made for you. Take at least twelve characters: a few unrelated
              words are easy to remember and hard to guess.
            </p>
            <Field
              label="New password"
              name="new-password"
              type="password"
              value={next()}
              onInput={setNext}
              isFirst
            />
          </Match>
        </Switch>
        <div class="sign-in-problem" role="alert">
          <Show when={problem()}>
            {(error) => (
              <p>
                {error().message}
                <Show when={error().cure}>{(cure) => <span class="dim"> {cure()}</span>}</Show>
              </p>
            )}
          </Show>
        </div>
        <Button type="submit" look="primary" disabled={isBusy()}>
          {step() === 'new-password' ? 'Save and continue' : 'Sign in'}
        </Button>
        <Show when={step() === 'password'}>
          <SignInElsewhere to={placeAfterSignIn(search.to)} refused={search.refused} />
          <p class="dim sign-in-hint">
            The first start prints the password of <code>admin</code> once. Forgotten yours? An administrator
            can give you a link that sets a new one.
          </p>
        </Show>
      </form>
    </main>
  );
}

function Field(props: {
  readonly label: string;
  /** Also what password managers go by. */
  readonly name: 'username' | 'current-password' | 'new-password' | 'one-time-code';
  readonly type?: 'text' | 'password';
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly isFirst?: boolean;
}): JSX.Element {
  const id = createUniqueId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <input
        id={id}
        class="input"
        name={props.name}
        type={props.type ?? 'text'}
        autocomplete={props.name}
        inputmode={props.name === 'one-time-code' ? 'numeric' : undefined}
        autocapitalize="none"
        spellcheck={false}
        required
        ref={(input) => {
          if (props.isFirst === true) {
            queueMicrotask(() => {
              input.focus();
            });
          }
        }}
        value={props.value}
        onInput={(event) => {
          props.onInput(event.currentTarget.value);
        }}
      />
    </div>
  );
}
