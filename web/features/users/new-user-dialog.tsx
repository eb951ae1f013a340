import { createSignal, Show, type JSX } from 'solid-js';
import type { RoleJson } from '../../../proto/api/index.ts';
import { api } from '../../api/client.ts';
import { createChange } from '../../api/create-change.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { CheckList, Form, FormField, ShownOnce } from '../../ui/form.tsx';
import { roleOptions } from './role-options.ts';

export const linkAddress = (path: string): string => `${window.location.origin}${path}`;

/** Makes a user and shows the link by which they set their password. */
export function NewUserDialog(props: {
  readonly roles: readonly RoleJson[];
  readonly onClose: () => void;
}): JSX.Element {
  const [login, setLogin] = createSignal('');
  const [name, setName] = createSignal('');
  const [roles, setRoles] = createSignal<readonly string[]>(['viewer']);
  const [link, setLink] = createSignal<string>();
  const make = createChange(
    () =>
      api.send('POST /api/v1/users', {
        body: { login: login().trim(), name: name().trim(), roles: [...roles()] },
      }),
    ({ passwordLink }) => setLink(linkAddress(passwordLink.path)),
  );
  return (
    <Dialog label="New user" onClose={props.onClose}>
      <Show
        when={link()}
        fallback={
          <Form
            action="Make the user"
            isBusy={make.isBusy()}
            problem={make.problem()}
            disabled={login().trim() === ''}
            onSubmit={make.run}
          >
            <FormField
              label="Login"
              placeholder="ada"
              value={login()}
              autofocus
              required
              onInput={setLogin}
            />
            <FormField label="Name" placeholder="Ada Lovelace" value={name()} onInput={setName} />
            <CheckList
              label="Roles"
              options={roleOptions(props.roles)}
              chosen={roles()}
              onChoose={setRoles}
            />
          </Form>
        }
      >
        {(address) => (
          <ShownOnce
            what="The link"
            text={address()}
            note={`give it to ${login()}: it lets them choose a password, once, and is not shown again.`}
            onDone={props.onClose}
          />
        )}
      </Show>
    </Dialog>
  );
}
