import { Show, type JSX } from 'solid-js';
import { createAnswer } from '../../api/create-answer.ts';
import { urlOf } from '../../../proto/api/index.ts';

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
};

/** What an administrator has to say to whoever comes, and the way over a sign-in provider where there is one. */
export function SignInElsewhere(props: {
  /** Path to show afterwards. */
  readonly to: string;
  /** Why one was sent back. */
  readonly refused: string | undefined;
}): JSX.Element {
  const options = createAnswer(() => ({ path: '/api/v1/auth/options' }) as const);
  return (
    <>
      <Show when={props.refused}>
        {(reason) => (
          <div class="sign-in-problem" role="alert">
            <p>{REFUSALS[reason()] ?? 'The provider did not let you in. Ask an administrator.'}</p>
          </div>
        )}
      </Show>
      <Show when={options.data()?.notice}>{(notice) => <p class="sign-in-notice">{notice()}</p>}</Show>
      <Show when={options.data()?.oidc}>
        {(oidc) => (
          <a
            class="button"
            rel="external"
            href={urlOf({ path: '/api/v1/auth/oidc/start', query: { returnTo: props.to } })}
          >
            {oidc().label}
          </a>
        )}
      </Show>
    </>
  );
}
