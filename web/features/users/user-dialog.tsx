import { createSignal, Show, untrack, type JSX } from 'solid-js';
import type { RoleJson, UserJson } from '../../../proto/api/index.ts';
import { api } from '../../api/client.ts';
import { createChange } from '../../api/create-change.ts';
import { Button } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { CheckList, Form, FormField, FormProblem, ShownOnce } from '../../ui/form.tsx';
import { linkAddress } from './new-user-dialog.tsx';
import { roleOptions } from './role-options.ts';

function Actions(props: { readonly user: UserJson; readonly onChanged: () => void }): JSX.Element {
  const params = () => ({ userId: props.user.id });
  const [link, setLink] = createSignal<string>();
  const [told, setTold] = createSignal('');
  const tell = (text: string) => {
    setTold(text);
    props.onChanged();
  };
  const makeLink = createChange(
    () => api.send('POST /api/v1/users/:userId/password-link', { params: params() }),
    ({ path }) => setLink(linkAddress(path)),
  );
  const endSessions = createChange(
    () => api.send('DELETE /api/v1/users/:userId/sessions', { params: params() }),
    () => {
      tell('All sessions of this user have ended.');
    },
  );
  const removeFactor = createChange(
    () => api.send('DELETE /api/v1/users/:userId/second-factor', { params: params() }),
    () => {
      tell('The second factor is gone.');
    },
  );
  const disable = createChange(
    () =>
      api.send('PATCH /api/v1/users/:userId', {
        params: params(),
        body: { isDisabled: !props.user.isDisabled },
      }),
    (user) => {
      tell(user.isDisabled ? 'This user cannot sign in any more.' : 'This user may sign in again.');
    },
  );
  return (
    <section aria-label="Actions" class="form">
      <div class="form-actions">
        <Button icon="link" disabled={makeLink.isBusy()} onClick={makeLink.run}>
          Link to set a password
        </Button>
        <Button disabled={endSessions.isBusy()} onClick={endSessions.run}>
          End all sessions
        </Button>
        <Show when={props.user.hasSecondFactor}>
          <Button disabled={removeFactor.isBusy()} onClick={removeFactor.run}>
            Take the second factor away
          </Button>
        </Show>
        <Button disabled={disable.isBusy()} onClick={disable.run}>
          {props.user.isDisabled ? 'Let sign in again' : 'Disable'}
        </Button>
      </div>
      <FormProblem
        problem={makeLink.problem() ?? endSessions.problem() ?? removeFactor.problem() ?? disable.problem()}
      />
      <Show when={link()}>
        {(address) => (
          <ShownOnce
            what="The link"
            text={address()}
            note="it lets its bearer set the password of this user, once, and is not shown again."
          />
        )}
      </Show>
      <p role="status" class="ok-text">
        {told()}
      </p>
    </section>
  );
}

/** One user: name, roles, and what else can be done about them. */
export function UserDialog(props: {
  readonly user: UserJson;
  readonly roles: readonly RoleJson[];
  readonly onChanged: () => void;
  readonly onClose: () => void;
}): JSX.Element {
  // The dialog is made for one user; what is typed must not change under one's hands.
  const before = untrack(() => props.user);
  const [name, setName] = createSignal(before.name);
  const [roles, setRoles] = createSignal<readonly string[]>(before.roles);
  const save = createChange(
    () =>
      api.send('PATCH /api/v1/users/:userId', {
        params: { userId: props.user.id },
        body: { name: name().trim(), roles: [...roles()] },
      }),
    () => {
      props.onChanged();
      props.onClose();
    },
  );
  return (
    <Dialog label={`User ${props.user.login}`} onClose={props.onClose}>
      <div class="dialog-body">
        <Form action="Save" isBusy={save.isBusy()} problem={save.problem()} onSubmit={save.run}>
          <FormField label="Name" value={name()} autofocus onInput={setName} />
          <CheckList label="Roles" options={roleOptions(props.roles)} chosen={roles()} onChoose={setRoles} />
        </Form>
        <Actions user={props.user} onChanged={props.onChanged} />
      </div>
    </Dialog>
  );
}
