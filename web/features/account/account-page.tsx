import { For, Show, type JSX } from 'solid-js';
import { createAnswer } from '../../api/create-answer.ts';
import { AnswerView } from '../../ui/states.tsx';
import { KeysPanel } from './keys-panel.tsx';
import { PasswordPanel } from './password-panel.tsx';
import { SecondFactorPanel } from './second-factor-panel.tsx';
import { SessionsPanel } from './sessions-panel.tsx';
import './account.css';

/** Who I am here, how I sign in, where I am signed in, and what programs may do as me. */
export function AccountPage(): JSX.Element {
  const me = createAnswer(() => ({ path: '/api/v1/me' }) as const);
  return (
    <div class="page">
      <header class="page-head">
        <h1>Account</h1>
        <Show when={me.data()}>
          {(data) => (
            <>
              <span>{data().name === '' ? data().login : `${data().name} (${data().login})`}</span>
              <span class="badges">
                <For each={data().roles}>{(role) => <span class="badge">{role}</span>}</For>
              </span>
            </>
          )}
        </Show>
      </header>
      <div class="page-body">
        <AnswerView what="Your account" answer={me}>
          {(data) => (
            <div class="account-panels">
              <Show when={data().hasPassword}>
                <PasswordPanel onChanged={me.refetch} />
                <SecondFactorPanel isOn={data().hasSecondFactor} onChanged={me.refetch} />
              </Show>
              <SessionsPanel />
              <KeysPanel />
            </div>
          )}
        </AnswerView>
      </div>
    </div>
  );
}
