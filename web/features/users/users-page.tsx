import { createSignal, For, Show, type JSX } from 'solid-js';
import type { UserJson } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { Button } from '../../ui/controls.tsx';
import { Moment } from '../../ui/moment.tsx';
import { PlainTable } from '../../ui/plain-table.tsx';
import { AnswerView } from '../../ui/states.tsx';
import { AdminFrame } from '../admin/admin-frame.tsx';
import { NewUserDialog } from './new-user-dialog.tsx';
import { UserDialog } from './user-dialog.tsx';

function stateOf(user: UserJson): string | undefined {
  if (user.isDisabled) return 'disabled';
  if (!user.hasPassword) return 'no password yet';
  return user.mustChangePassword ? 'password to be changed' : undefined;
}

function UserRow(props: {
  readonly user: UserJson;
  readonly mayChange: boolean;
  readonly onChange: () => void;
}): JSX.Element {
  return (
    <tr classList={{ off: props.user.isDisabled }}>
      <td>
        {props.user.login}
        <Show when={props.user.name !== ''}>
          <span class="faint"> {props.user.name}</span>
        </Show>
      </td>
      <td>
        <span class="badges">
          <For each={props.user.roles}>{(role) => <span class="badge">{role}</span>}</For>
        </span>
      </td>
      <td>
        <Moment unixMs={props.user.signedInAtUnixMs} never="never" />
      </td>
      <td>{props.user.hasSecondFactor ? 'on' : 'off'}</td>
      <td>
        <Show when={stateOf(props.user)}>{(state) => <span class="badge warn">{state()}</span>}</Show>
      </td>
      <td class="end">
        <Show when={props.mayChange}>
          <Button small look="quiet" aria-label={`Change ${props.user.login}`} onClick={props.onChange}>
            Change
          </Button>
        </Show>
      </td>
    </tr>
  );
}

/** People who may sign in. */
export function UsersPage(): JSX.Element {
  const users = createAnswer(() => ({ path: '/api/v1/users' }) as const);
  const roles = createAnswer(() => ({ path: '/api/v1/roles' }) as const);
  const [isMaking, setMaking] = createSignal(false);
  const [openId, setOpenId] = createSignal<string>();
  const open = () => users.data()?.users.find(({ id }) => id === openId());
  const close = () => {
    setMaking(false);
    setOpenId(undefined);
  };
  return (
    <AdminFrame
      tools={(may) => (
        <Show when={may('users:write')}>
          <Button look="primary" onClick={() => setMaking(true)}>
            New user
          </Button>
        </Show>
      )}
    >
      {(may) => (
        <>
          <section class="panel" aria-label="Users">
            <AnswerView what="Users" answer={users}>
              {(data) => (
                <PlainTable
                  columns={['User', 'Roles', 'Signed in', 'Second factor', 'State', { hidden: 'Change' }]}
                >
                  <For each={data().users}>
                    {(user) => (
                      <UserRow
                        user={user}
                        mayChange={may('users:write')}
                        onChange={() => setOpenId(user.id)}
                      />
                    )}
                  </For>
                </PlainTable>
              )}
            </AnswerView>
          </section>
          <Show when={isMaking()}>
            <NewUserDialog
              roles={roles.data()?.roles ?? []}
              onClose={() => {
                close();
                users.refetch();
              }}
            />
          </Show>
          <Show when={open()}>
            {(user) => (
              <UserDialog
                user={user()}
                roles={roles.data()?.roles ?? []}
                onChanged={users.refetch}
                onClose={close}
              />
            )}
          </Show>
        </>
      )}
    </AdminFrame>
  );
}
