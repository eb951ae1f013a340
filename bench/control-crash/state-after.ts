import type { ControlChange } from './control-changes.ts';
import type { ControlState, UserState } from './control-state.ts';

/** What must be there once the change was acknowledged. */
export function stateAfter(state: ControlState, change: ControlChange): ControlState {
  const after = changed(state, change);
  return { ...after, auditEntries: state.auditEntries + entriesOf(state, change) };
}

/** How much is put on record: the change, and each session, key or link that goes or comes with it. */
function entriesOf(state: ControlState, change: ControlChange): number {
  switch (change.type) {
    case 'create-user':
      return 2;
    case 'sign-in':
      return change.isAnew ? 2 : 1;
    case 'end-sessions':
      return state.users[change.login]?.sessions ?? 0;
    case 'reset-password':
      return 1 + liveKeysOf(state, change.login).length;
    case 'apply-configuration':
      return 1 + change.users.length;
    default:
      return 1;
  }
}

function liveKeysOf({ keys }: ControlState, login: string): readonly string[] {
  return Object.entries(keys).flatMap(([name, key]) => (key.login === login && !key.isRevoked ? [name] : []));
}

function changed(state: ControlState, change: ControlChange): ControlState {
  const { users, roles, keys, secrets } = state;
  const withUser = (login: string, of: (user: UserState) => Partial<UserState>): ControlState => {
    const user = users[login];
    return user ? { ...state, users: { ...users, [login]: { ...user, ...of(user) } } } : state;
  };
  switch (change.type) {
    case 'create-user': {
      const made: UserState = {
        ...{ roles: change.roles, isDisabled: false, password: null },
        ...{ secondFactor: 'off', sessions: 0, hasLink: true },
      };
      return { ...state, users: { ...users, [change.login]: made } };
    }
    case 'change-user': {
      const { login, roles: given, isDisabled } = change;
      return withUser(login, (user) => ({ ...configured(user, { roles: given, isDisabled }) }));
    }
    case 'put-role':
      return { ...state, roles: { ...roles, [change.name]: change.permissions } };
    case 'remove-role': {
      const kept = Object.entries(users).map(
        ([login, user]) =>
          [login, { ...user, roles: user.roles.filter((role) => role !== change.name) }] as const,
      );
      return { ...state, users: Object.fromEntries(kept), roles: without(roles, change.name) };
    }
    case 'create-key':
      return { ...state, keys: { ...keys, [change.name]: { login: change.login, isRevoked: false } } };
    case 'revoke-key':
      return { ...state, keys: withRevoked(keys, [change.name]) };
    case 'create-link':
      return withUser(change.login, () => ({ hasLink: true }));
    case 'reset-password': {
      const after = { password: change.password, hasLink: false, sessions: 0 };
      const revoked = withRevoked(keys, liveKeysOf(state, change.login));
      return { ...withUser(change.login, () => after), keys: revoked };
    }
    case 'change-password':
      return withUser(change.login, ({ sessions }) => ({
        password: change.next,
        sessions: Math.min(sessions, 1),
      }));
    case 'sign-in':
      return withUser(change.login, ({ sessions }) => ({
        sessions: change.isAnew ? sessions : sessions + 1,
      }));
    case 'end-sessions':
      return withUser(change.login, () => ({ sessions: 0 }));
    case 'reuse-token':
      return withUser(change.login, ({ sessions }) => ({ sessions: sessions - 1 }));
    case 'begin-second-factor':
      return withUser(change.login, () => ({ secondFactor: 'begun' }));
    case 'confirm-second-factor':
      return withUser(change.login, () => ({ secondFactor: 'on' }));
    case 'remove-second-factor':
      return withUser(change.login, () => ({ secondFactor: 'off' }));
    case 'change-settings':
      return { ...state, notice: change.notice, settingsVersion: state.settingsVersion + 1 };
    case 'set-secret':
      return { ...state, secrets: { ...secrets, [change.name]: change.value } };
    case 'clear-secret':
      return { ...state, secrets: without(secrets, change.name) };
    case 'apply-configuration': {
      const put = change.users.map(({ login, ...given }) => {
        const user = users[login];
        return [login, user && configured(user, given)] as const;
      });
      return {
        ...state,
        users: { ...users, ...(Object.fromEntries(put) as ControlState['users']) },
        notice: change.notice,
        settingsVersion: state.settingsVersion + 1,
      };
    }
  }
}

function configured(user: UserState, given: Pick<UserState, 'roles' | 'isDisabled'>): UserState {
  return { ...user, ...given, sessions: given.isDisabled ? 0 : user.sessions };
}

function withRevoked(keys: ControlState['keys'], names: readonly string[]): ControlState['keys'] {
  return Object.fromEntries(
    Object.entries(keys).map(([name, key]) => [
      name,
      names.includes(name) ? { ...key, isRevoked: true } : key,
    ]),
  );
}

function without<Value>(
  record: Readonly<Record<string, Value>>,
  name: string,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}
