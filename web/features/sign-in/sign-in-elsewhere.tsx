import { Show, type JSX } from 'solid-js';
import { api } from '../../api/client.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { createChange } from '../../api/create-change.ts';
import { Button } from '../../ui/controls.tsx';
import { FormProblem } from '../../ui/form.tsx';

const REFUSALS: Readonly<Record<string, string>> = {
  off: 'Single sign-on is switched off.',
  'not-begun': 'This sign-in was not begun here, or took too long. Try again.',
  'not-vouched-for': 'The provider did not vouch for you. Try again.',
  provider: 'The provider could not be reached or refused. Try again, or ask an administrator.',
  'no-login': 'The provider did not say by which name you are known here. Ask an administrator.',
  'no-role': 'You are in no group that may sign in here. Ask an administrator.',
  'login-taken': 'A user of this name signs in with a password. Ask an administrator.',
  'too-often': 'Too many sign-ins from here. Wait a little, then try again.',
  disabled: 'This account is disabled. Ask an administrator.',
  'second-factor': 'A second factor is required here now. Sign in again to set yours up.',
};

/** Why one was sent here, by the provider or by a page that asks for more than one has shown. */
export function WhyHere(props: { readonly reason: string | undefined }): JSX.Element {
  return (
    <Show when={props.reason}>
      {(reason) => (
        <div class="sign-in-problem" classList={{ notice: reason() === 'second-factor' }} role="alert">
          <p>{REFUSALS[reason()] ?? 'The provider did not let you in. Ask an administrator.'}</p>
        </div>
      )}
    </Show>
  );
}

/** What an administrator has to say to whoever comes, and the way over a sign-in provider where there is one. */
export function SignInElsewhere(props: {
  /** Path to show afterwards. */
  readonly to: string;
}): JSX.Element {
  const options = createAnswer(() => ({ path: '/api/v1/auth/options' }) as const);
  // No link: one on another page would begin it, too.
  const go = createChange(
    () => api.send('POST /api/v1/auth/oidc/start', { body: { returnTo: props.to } }),
    ({ location }) => {
      window.location.assign(location);
    },
  );
  return (
    <>
      <FormProblem problem={go.problem()} />
      <Show when={options.data()?.notice}>{(notice) => <p class="sign-in-notice">{notice()}</p>}</Show>
      <Show when={options.data()?.oidc}>
        {(oidc) => (
          <Button disabled={go.isBusy()} onClick={go.run}>
            {oidc().label}
          </Button>
        )}
      </Show>
    </>
  );
}
