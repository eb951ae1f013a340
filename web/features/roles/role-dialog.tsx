import { createSignal, Show, untrack, type JSX } from 'solid-js';
import {
  ALL_PERMISSIONS,
  PERMISSIONS,
  type Permission,
  type ServiceMatcher,
} from '../../../proto/access/index.ts';
import type { RoleJson } from '../../../proto/api/index.ts';
import { api } from '../../api/client.ts';
import { createChange } from '../../api/create-change.ts';
import { Button } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { CheckList, Form, FormField, FormProblem } from '../../ui/form.tsx';
import { MatcherFields } from './matcher-fields.tsx';

const OPTIONS = ALL_PERMISSIONS.map((name) => ({ value: name, label: name, about: PERMISSIONS[name] }));

function RemoveRole(props: { readonly name: string; readonly onRemoved: () => void }): JSX.Element {
  const [isAsking, setAsking] = createSignal(false);
  const remove = createChange(
    () => api.send('DELETE /api/v1/roles/:role', { params: { role: props.name } }),
    () => {
      props.onRemoved();
    },
  );
  return (
    <>
      <Show when={isAsking()} fallback={<Button onClick={() => setAsking(true)}>Remove…</Button>}>
        <Button disabled={remove.isBusy()} onClick={remove.run}>
          Remove it, also from those who have it
        </Button>
        <Button look="quiet" onClick={() => setAsking(false)}>
          Keep it
        </Button>
      </Show>
      <FormProblem problem={remove.problem()} />
    </>
  );
}

/** Makes a role, or changes the one that is given. */
export function RoleDialog(props: {
  readonly role: RoleJson | undefined;
  readonly onChanged: () => void;
  readonly onClose: () => void;
}): JSX.Element {
  // The dialog is made for one role; what is typed must not change under one's hands.
  const before = untrack(() => props.role);
  const [name, setName] = createSignal(before?.name ?? '');
  const [permissions, setPermissions] = createSignal<readonly string[]>(before?.permissions ?? []);
  const [services, setServices] = createSignal<readonly ServiceMatcher[] | null>(before?.services ?? null);
  const finish = () => {
    props.onChanged();
    props.onClose();
  };
  const save = createChange(() => {
    const body = {
      permissions: ALL_PERMISSIONS.filter((one): one is Permission => permissions().includes(one)),
      services: services()?.map((matcher) => ({ ...matcher })) ?? null,
    };
    return props.role
      ? api.send('PUT /api/v1/roles/:role', { params: { role: props.role.name }, body })
      : api.send('POST /api/v1/roles', { body: { name: name().trim(), ...body } });
  }, finish);
  return (
    <Dialog label={props.role ? `Role ${props.role.name}` : 'New role'} onClose={props.onClose}>
      <Form
        action={props.role ? 'Save' : 'Make the role'}
        isBusy={save.isBusy()}
        problem={save.problem()}
        disabled={name().trim() === ''}
        onSubmit={save.run}
        more={<Show when={props.role}>{(role) => <RemoveRole name={role().name} onRemoved={finish} />}</Show>}
      >
        <Show when={!props.role}>
          <FormField
            label="Name"
            placeholder="checkout-team"
            value={name()}
            autofocus
            required
            onInput={setName}
          />
        </Show>
        <CheckList label="Permissions" options={OPTIONS} chosen={permissions()} onChoose={setPermissions} />
        <MatcherFields matchers={services()} onChange={setServices} />
      </Form>
    </Dialog>
  );
}
