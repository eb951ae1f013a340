import type { SecretName } from '../../proto/settings/index.ts';
import type { Permission } from '../../proto/access/index.ts';

/** What the control plane holds, without ids and times: two that say the same are the same. */
export interface ControlState {
  readonly users: Readonly<
    Record<string, { readonly roles: readonly string[]; readonly isDisabled: boolean }>
  >;
  readonly roles: Readonly<Record<string, readonly Permission[]>>;
  readonly keys: Readonly<Record<string, { readonly login: string; readonly isRevoked: boolean }>>;
  readonly notice: string;
  readonly settingsVersion: number;
  readonly secrets: Readonly<Partial<Record<SecretName, string>>>;
  /** One for each change. */
  readonly auditEntries: number;
}

export type ControlChange =
  | { readonly type: 'create-user'; readonly login: string; readonly roles: readonly string[] }
  | {
      readonly type: 'change-user';
      readonly login: string;
      readonly roles: readonly string[];
      readonly isDisabled: boolean;
    }
  | { readonly type: 'put-role'; readonly name: string; readonly permissions: readonly Permission[] }
  | { readonly type: 'remove-role'; readonly name: string }
  | { readonly type: 'create-key'; readonly name: string; readonly login: string }
  | { readonly type: 'revoke-key'; readonly name: string }
  | { readonly type: 'change-settings'; readonly notice: string }
  | { readonly type: 'set-secret'; readonly name: SecretName; readonly value: string }
  | { readonly type: 'clear-secret'; readonly name: SecretName };

/** What must be there once the change was acknowledged. */
export function stateAfter(state: ControlState, change: ControlChange): ControlState {
  return { ...changed(state, change), auditEntries: state.auditEntries + 1 };
}

function changed(state: ControlState, change: ControlChange): ControlState {
  const { users, roles, keys, secrets } = state;
  switch (change.type) {
    case 'create-user':
      return { ...state, users: { ...users, [change.login]: { roles: change.roles, isDisabled: false } } };
    case 'change-user': {
      const { login, roles: given, isDisabled } = change;
      return { ...state, users: { ...users, [login]: { roles: given, isDisabled } } };
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
    case 'revoke-key': {
      const key = keys[change.name];
      return key ? { ...state, keys: { ...keys, [change.name]: { ...key, isRevoked: true } } } : state;
    }
    case 'change-settings':
      return { ...state, notice: change.notice, settingsVersion: state.settingsVersion + 1 };
    case 'set-secret':
      return { ...state, secrets: { ...secrets, [change.name]: change.value } };
    case 'clear-secret':
      return { ...state, secrets: without(secrets, change.name) };
  }
}

const PERMISSIONS: readonly Permission[] = [
  'traces:read',
  'logs:read',
  'metrics:read',
  'services:read',
  'sql:run',
];
const SECRET: SecretName = 'oidc-client-secret';

/** The next of a series that a seed names: both sides make the same. */
export function nextChange(state: ControlState, random: () => number, serial: string): ControlChange {
  const below = (count: number): number => Math.floor(random() * count);
  const oneOf = <Item>(items: readonly Item[]): Item | undefined => items[below(items.length)];
  const someOf = <Item>(items: readonly Item[]): readonly Item[] => items.filter(() => random() < 0.4);
  const login = oneOf(Object.keys(state.users));
  const roles = someOf(['viewer', 'editor', 'operator', ...Object.keys(state.roles)]).toSorted();
  const create: ControlChange = { type: 'create-user', login: `user-${serial}`, roles };
  switch (below(9)) {
    case 0:
      return { type: 'put-role', name: `role-${below(12)}`, permissions: someOf(PERMISSIONS) };
    case 1: {
      const name = oneOf(Object.keys(state.roles));
      return name === undefined ? create : { type: 'remove-role', name };
    }
    case 2:
    case 3:
      return login === undefined ? create : { type: 'change-user', login, roles, isDisabled: random() < 0.5 };
    case 4:
      return login === undefined ? create : { type: 'create-key', name: `key-${serial}`, login };
    case 5: {
      const live = Object.entries(state.keys).filter(([, { isRevoked }]) => !isRevoked);
      const name = oneOf(live)?.[0];
      return name === undefined ? create : { type: 'revoke-key', name };
    }
    case 6:
      return { type: 'change-settings', notice: `notice ${serial}` };
    case 7:
      return state.secrets[SECRET] !== undefined && random() < 0.5
        ? { type: 'clear-secret', name: SECRET }
        : { type: 'set-secret', name: SECRET, value: `secret ${serial}` };
    default:
      return create;
  }
}

/** Numbers in [0, 1) from a seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function without<Value>(
  record: Readonly<Record<string, Value>>,
  name: string,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}
