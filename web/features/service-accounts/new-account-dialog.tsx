import { createSignal, type JSX } from 'solid-js';
import type { RoleJson } from '../../../proto/api/index.ts';
import { api } from '../../api/client.ts';
import { createChange } from '../../api/create-change.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { CheckList, Form, FormField } from '../../ui/form.tsx';
import { roleOptions } from '../users/role-options.ts';

/** Makes a service account. It signs in by keys alone. */
export function NewAccountDialog(props: {
  readonly roles: readonly RoleJson[];
  readonly onClose: () => void;
}): JSX.Element {
  const [login, setLogin] = createSignal('');
  const [name, setName] = createSignal('');
  const [roles, setRoles] = createSignal<readonly string[]>([]);
  const make = createChange(
    () =>
      api.send('POST /api/v1/service-accounts', {
        body: { login: login().trim(), name: name().trim(), roles: [...roles()] },
      }),
    () => {
      props.onClose();
    },
  );
  return (
    <Dialog label="New service account" onClose={props.onClose}>
      <Form
        action="Make the account"
        isBusy={make.isBusy()}
        problem={make.problem()}
        disabled={login().trim() === ''}
        onSubmit={make.run}
      >
        <FormField
          label="Login"
          placeholder="checkout-exporter"
          value={login()}
          autofocus
          required
          onInput={setLogin}
        />
        <FormField label="What it is for" value={name()} onInput={setName} />
        <CheckList
          label="Roles; its keys never allow more"
          options={roleOptions(props.roles)}
          chosen={roles()}
          onChoose={setRoles}
        />
      </Form>
    </Dialog>
  );
}
