import { createSignal, Show, untrack, type JSX } from 'solid-js';
import type { RoleJson, UserJson } from '../../../proto/api/index.ts';
import { api } from '../../api/client.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { createChange } from '../../api/create-change.ts';
import { Button } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { CheckList, Form, FormField, FormProblem, ShownOnce } from '../../ui/form.tsx';
import { AnswerView } from '../../ui/states.tsx';
import { SessionTable } from '../account/session-table.tsx';
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
        <Show when={props.user.hasSecondFactor}>
          <Button disabled={removeFactor.isBusy()} onClick={removeFactor.run}>
            Take the second factor away
          </Button>
        </Show>
        <Button disabled={disable.isBusy()} onClick={disable.run}>
          {props.user.isDisabled ? 'Let sign in again' : 'Disable'}
        </Button>
      </div>
      <FormProblem problem={makeLink.problem() ?? removeFactor.problem() ?? disable.problem()} />
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

/** Where the user is signed in; each session can be ended, or all. */
function UserSessions(props: { readonly user: UserJson }): JSX.Element {
  const params = () => ({ userId: props.user.id });
  const answer = createAnswer(() => ({ path: '/api/v1/users/:userId/sessions', params: params() }) as const);
  const end = createChange(
    (sessionId: string) =>
      api.send('DELETE /api/v1/users/:userId/sessions/:sessionId', { params: { ...params(), sessionId } }),
    answer.refetch,
  );
  const endAll = createChange(
    () => api.send('DELETE /api/v1/users/:userId/sessions', { params: params() }),
    answer.refetch,
  );
  return (
    <section class="panel" aria-label={`Sessions of ${props.user.login}`}>
      <header class="panel-head">
        <h2 class="grow">Sessions</h2>
        <Button small disabled={endAll.isBusy() || answer.data()?.sessions.length === 0} onClick={endAll.run}>
          End all sessions
        </Button>
      </header>
      <FormProblem problem={end.problem() ?? endAll.problem()} />
      <AnswerView
        what="Sessions"
        answer={answer}
        isEmpty={({ sessions }) => sessions.length === 0}
        empty={<p class="panel-content faint">Signed in nowhere.</p>}
      >
        {(data) => (
          <SessionTable
            sessions={data().sessions}
            isBusy={end.isBusy()}
            onEnd={({ id }) => {
              end.run(id);
            }}
          />
        )}
      </AnswerView>
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
      <Form action="Save" isBusy={save.isBusy()} problem={save.problem()} onSubmit={save.run}>
        <FormField label="Name" value={name()} autofocus onInput={setName} />
        <CheckList label="Roles" options={roleOptions(props.roles)} chosen={roles()} onChoose={setRoles} />
      </Form>
      <UserSessions user={props.user} />
      <Actions user={props.user} onChanged={props.onChanged} />
    </Dialog>
  );
}
