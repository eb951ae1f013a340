import { createSignal, For, Show, type JSX } from 'solid-js';
import type { ServiceMatcher } from '../../../proto/access/index.ts';
import type { RoleJson } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { Button } from '../../ui/controls.tsx';
import { PlainTable } from '../../ui/plain-table.tsx';
import { AnswerView } from '../../ui/states.tsx';
import { AdminFrame } from '../admin/admin-frame.tsx';
import { RoleDialog } from './role-dialog.tsx';
import './roles.css';

const matcherText = ({ environment = '*', namespace = '*', name = '*' }: ServiceMatcher) =>
  `${environment} / ${namespace} / ${name}`;

function RoleRow(props: {
  readonly role: RoleJson;
  readonly mayChange: boolean;
  readonly onChange: () => void;
}): JSX.Element {
  return (
    <tr>
      <td>{props.role.name}</td>
      <td>
        <span class="badges">
          <For each={props.role.permissions}>{(one) => <span class="badge">{one}</span>}</For>
        </span>
      </td>
      <td class="mono">
        <Show when={props.role.services} fallback="all">
          {(services) => <For each={services()}>{(matcher) => <div>{matcherText(matcher)}</div>}</For>}
        </Show>
      </td>
      <td class="end">
        <Show when={!props.role.isBuiltIn} fallback={<span class="badge">built in</span>}>
          <Show when={props.mayChange}>
            <Button small look="quiet" aria-label={`Change ${props.role.name}`} onClick={props.onChange}>
              Change
            </Button>
          </Show>
        </Show>
      </td>
    </tr>
  );
}

/** What roles there are, and what each allows. */
export function RolesPage(): JSX.Element {
  const roles = createAnswer(() => ({ path: '/api/v1/roles' }) as const);
  const [isMaking, setMaking] = createSignal(false);
  const [openName, setOpenName] = createSignal<string>();
  const open = () => roles.data()?.roles.find(({ name }) => name === openName());
  return (
    <AdminFrame
      tools={(may) => (
        <Show when={may('roles:write')}>
          <Button look="primary" onClick={() => setMaking(true)}>
            New role
          </Button>
        </Show>
      )}
    >
      {(may) => (
        <>
          <section class="panel" aria-label="Roles">
            <AnswerView what="Roles" answer={roles}>
              {(data) => (
                <PlainTable
                  class="roles"
                  columns={[
                    'Role',
                    'Allows',
                    'Services (environment / namespace / name)',
                    { hidden: 'Change' },
                  ]}
                >
                  <For each={data().roles}>
                    {(role) => (
                      <RoleRow
                        role={role}
                        mayChange={may('roles:write')}
                        onChange={() => setOpenName(role.name)}
                      />
                    )}
                  </For>
                </PlainTable>
              )}
            </AnswerView>
          </section>
          <Show when={isMaking()}>
            <RoleDialog role={undefined} onChanged={roles.refetch} onClose={() => setMaking(false)} />
          </Show>
          <Show when={open()}>
            {(role) => (
              <RoleDialog
                role={role()}
                onChanged={roles.refetch}
                onClose={() => {
                  setOpenName(undefined);
                }}
              />
            )}
          </Show>
        </>
      )}
    </AdminFrame>
  );
}
