import { createSignal, For, Show, type JSX } from 'solid-js';
import type { ApiKeyJson, ServiceAccountJson } from '../../../proto/api/index.ts';
import { api } from '../../api/client.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { createChange } from '../../api/create-change.ts';
import { Button } from '../../ui/controls.tsx';
import { FormProblem } from '../../ui/form.tsx';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import { AdminFrame } from '../admin/admin-frame.tsx';
import { KeyTable } from '../keys/key-table.tsx';
import { NewKeyDialog } from '../keys/new-key-dialog.tsx';
import { NewAccountDialog } from './new-account-dialog.tsx';

/** One program's account, with its keys. */
function Account(props: {
  readonly account: ServiceAccountJson;
  readonly keys: readonly ApiKeyJson[];
  readonly mayChange: boolean;
  readonly mayMakeKeys: boolean;
  readonly onChanged: () => void;
}): JSX.Element {
  const [isMakingKey, setMakingKey] = createSignal(false);
  const params = () => ({ accountId: props.account.id });
  const revoke = createChange(
    (keyId: string) => api.send('DELETE /api/v1/keys/:keyId', { params: { keyId } }),
    () => {
      props.onChanged();
    },
  );
  const disable = createChange(
    () =>
      api.send('PATCH /api/v1/service-accounts/:accountId', {
        params: params(),
        body: { isDisabled: !props.account.isDisabled },
      }),
    () => {
      props.onChanged();
    },
  );
  return (
    <section class="panel" aria-label={props.account.login}>
      <header class="panel-head">
        <h2>{props.account.login}</h2>
        <span class="account-about">{props.account.name}</span>
        <span class="badges">
          <For each={props.account.roles}>{(role) => <span class="badge">{role}</span>}</For>
        </span>
        <Show when={props.account.isDisabled}>
          <span class="badge warn">disabled: its keys do not count</span>
        </Show>
        <span class="grow" />
        <Show when={props.mayChange}>
          <Button small look="quiet" disabled={disable.isBusy()} onClick={disable.run}>
            {props.account.isDisabled ? 'Enable' : 'Disable'}
          </Button>
        </Show>
        <Show when={props.mayMakeKeys}>
          <Button small onClick={() => setMakingKey(true)}>
            New key
          </Button>
        </Show>
      </header>
      <FormProblem problem={revoke.problem() ?? disable.problem()} />
      <Show when={props.mayMakeKeys && props.keys.length === 0}>
        <p class="panel-empty faint">No keys yet: it can do nothing before it has one.</p>
      </Show>
      <Show when={props.mayMakeKeys && props.keys.length > 0}>
        <KeyTable
          keys={props.keys}
          isBusy={revoke.isBusy()}
          onRevoke={({ id }) => {
            revoke.run(id);
          }}
        />
      </Show>
      <Show when={isMakingKey()}>
        <NewKeyDialog
          title={`New key of ${props.account.login}`}
          make={(body) =>
            api.send('POST /api/v1/service-accounts/:accountId/keys', { params: params(), body })
          }
          onClose={() => {
            setMakingKey(false);
            props.onChanged();
          }}
        />
      </Show>
    </section>
  );
}

/** Programs that have keys of their own. */
export function ServiceAccountsPage(): JSX.Element {
  const accounts = createAnswer(() => ({ path: '/api/v1/service-accounts' }) as const);
  const roles = createAnswer(() => ({ path: '/api/v1/roles' }) as const);
  const keys = createAnswer(() => ({ path: '/api/v1/keys' }) as const);
  const [isMaking, setMaking] = createSignal(false);
  const refetch = () => {
    accounts.refetch();
    keys.refetch();
  };
  return (
    <AdminFrame
      tools={(may) => (
        <Show when={may('users:write')}>
          <Button look="primary" onClick={() => setMaking(true)}>
            New service account
          </Button>
        </Show>
      )}
    >
      {(may) => (
        <>
          <AnswerView
            what="Service accounts"
            answer={accounts}
            isEmpty={(data) => data.accounts.length === 0}
            empty={
              <EmptyState title="No service accounts yet" icon="plug">
                <p>
                  An exporter or a script gets an account of its own, so that its key can be revoked without
                  anybody else noticing.
                </p>
              </EmptyState>
            }
          >
            {(data) => (
              <div class="admin-stack">
                <For each={data().accounts}>
                  {(account) => (
                    <Account
                      account={account}
                      keys={keys.data()?.keys.filter(({ userId }) => userId === account.id) ?? []}
                      mayChange={may('users:write')}
                      mayMakeKeys={may('keys:write')}
                      onChanged={refetch}
                    />
                  )}
                </For>
              </div>
            )}
          </AnswerView>
          <Show when={isMaking()}>
            <NewAccountDialog
              roles={roles.data()?.roles ?? []}
              onClose={() => {
                setMaking(false);
                refetch();
              }}
            />
          </Show>
        </>
      )}
    </AdminFrame>
  );
}
