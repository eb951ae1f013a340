import { useNavigate, useSearchParams } from '@solidjs/router';
import { createSignal, Match, Show, Switch, type JSX } from 'solid-js';
import { ApiProblem, type MeJson } from '../../../proto/api/index.ts';
import { api } from '../../api/client.ts';
import { placeAfterSignIn } from '../../app/sign-in-href.ts';
import { Button } from '../../ui/controls.tsx';
import { FormField } from '../../ui/form.tsx';
import { SecondFactorSecret, type NewSecondFactor } from '../account/second-factor-secret.tsx';
import { SignInElsewhere, WhyHere } from './sign-in-elsewhere.tsx';
import './sign-in.css';

type Step = 'password' | 'code' | 'new-password' | 'second-factor';

const ACTIONS: Readonly<Record<Step, string>> = {
  password: 'Sign in',
  code: 'Sign in',
  'new-password': 'Save and continue',
  'second-factor': 'Switch it on and continue',
};

/**
 * From login and password, over the code of a second factor, a first password of one's own and a second factor where one is
 * required, to the dashboard.
 */
export function SignInPage(): JSX.Element {
  const navigate = useNavigate();
  const [search] = useSearchParams<{ to: string; refused: string }>();
  const [step, setStep] = createSignal<Step>('password');
  const [login, setLogin] = createSignal('');
  const [password, setPassword] = createSignal('');
  const [code, setCode] = createSignal('');
  const [next, setNext] = createSignal('');
  const [factor, setFactor] = createSignal<NewSecondFactor>();
  const [problem, setProblem] = createSignal<ApiProblem>();
  const [isBusy, setBusy] = createSignal(false);

  const enter = async ({ mustChangePassword, mustSetUpSecondFactor }: MeJson) => {
    if (mustChangePassword) setStep('new-password');
    else if (mustSetUpSecondFactor) await beginSecondFactor();
    else navigate(placeAfterSignIn(search.to), { replace: true });
  };
  const beginSecondFactor = async () => {
    const chosen = next() === '' ? password() : next();
    setFactor(await api.send('POST /api/v1/me/second-factor', { body: { password: chosen } }));
    setCode('');
    setStep('second-factor');
  };
  const confirmSecondFactor = async () => {
    await api.send('PUT /api/v1/me/second-factor', { body: { code: code().replaceAll(' ', '') } });
    await enter(await api.get({ path: '/api/v1/me' }));
  };
  const signIn = async () => {
    const body = { login: login(), password: password(), deliver: 'cookies' as const };
    const { me } = await api.send('POST /api/v1/session', {
      body: step() === 'code' ? { ...body, code: code() } : body,
    });
    await enter(me);
  };
  const changePassword = async () => {
    await api.send('PUT /api/v1/me/password', { body: { current: password(), next: next() } });
    await enter(await api.get({ path: '/api/v1/me' }));
  };
  const submit = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      if (step() === 'new-password') await changePassword();
      else if (step() === 'second-factor') await confirmSecondFactor();
      else await signIn();
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
            <WhyHere reason={search.refused} />
            <FormField
              label="Login"
              autocomplete="username"
              required
              autofocus
              value={login()}
              onInput={setLogin}
            />
            <FormField
              label="Password"
              type="password"
              autocomplete="current-password"
              required
              value={password()}
              onInput={setPassword}
            />
          </Match>
          <Match when={step() === 'code'}>
            <h1 id="sign-in-title">One more step</h1>
            <p class="dim">Enter the code that your authenticator app shows for {login()}.</p>
            <FormField
              label="Code"
              autocomplete="one-time-code"
              inputMode="numeric"
              required
              autofocus
              value={code()}
              onInput={setCode}
            />
          </Match>
          <Match when={step() === 'new-password'}>
            <h1 id="sign-in-title">Choose a password</h1>
            <p class="dim">
              The one you signed in with was made for you. Take at least twelve characters: a few unrelated
              words are easy to remember and hard to guess.
            </p>
            <FormField
              label="New password"
              type="password"
              autocomplete="new-password"
              required
              autofocus
              value={next()}
              onInput={setNext}
            />
          </Match>
          <Match when={step() === 'second-factor' && factor()}>
            {(made) => (
              <>
                <h1 id="sign-in-title">Set up your second factor</h1>
                <p class="dim">
                  It is required here: with it a password alone, guessed or stolen, opens nothing.
                </p>
                <SecondFactorSecret made={made()} />
                <FormField
                  label="Code of six digits"
                  autocomplete="one-time-code"
                  inputMode="numeric"
                  required
                  autofocus
                  value={code()}
                  onInput={setCode}
                />
              </>
            )}
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
          {ACTIONS[step()]}
        </Button>
        <Show when={step() === 'password'}>
          <SignInElsewhere to={placeAfterSignIn(search.to)} />
          <p class="dim sign-in-hint">
            The first start prints the password of <code>admin</code> once. Forgotten yours? An administrator
            can give you a link that sets a new one.
          </p>
        </Show>
      </form>
    </main>
  );
}
