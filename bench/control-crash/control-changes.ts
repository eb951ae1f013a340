import type { Permission } from '../../proto/access/index.ts';
import type { SecretName } from '../../proto/settings/index.ts';
import type { ControlState, UserState } from './control-state.ts';

interface OfUser {
  readonly login: string;
}

export interface ConfiguredUser extends OfUser, Pick<UserState, 'roles' | 'isDisabled'> {}

export type ControlChange =
  | (OfUser & { readonly type: 'create-user'; readonly roles: readonly string[] })
  | (ConfiguredUser & { readonly type: 'change-user' })
  | { readonly type: 'put-role'; readonly name: string; readonly permissions: readonly Permission[] }
  | { readonly type: 'remove-role'; readonly name: string }
  | (OfUser & { readonly type: 'create-key'; readonly name: string })
  | { readonly type: 'revoke-key'; readonly name: string }
  | (OfUser & { readonly type: 'create-link' })
  /** By their link, which counts once; all their keys are revoked. */
  | (OfUser & { readonly type: 'reset-password'; readonly password: string })
  /** From their newest session, which goes on. */
  | (OfUser & { readonly type: 'change-password'; readonly current: string; readonly next: string })
  /** Anew: in a browser that has a session, which ends. */
  | (OfUser & { readonly type: 'sign-in'; readonly isAnew: boolean })
  | (OfUser & { readonly type: 'end-sessions' })
  /** Of their newest session, which ends. */
  | (OfUser & { readonly type: 'reuse-token' })
  | (OfUser & { readonly type: 'begin-second-factor' | 'confirm-second-factor' | 'remove-second-factor' })
  | { readonly type: 'change-settings'; readonly notice: string }
  | { readonly type: 'set-secret'; readonly name: SecretName; readonly value: string }
  | { readonly type: 'clear-secret'; readonly name: SecretName }
  /** Users who differ from what they are, and a notice that does. */
  | {
      readonly type: 'apply-configuration';
      readonly users: readonly ConfiguredUser[];
      readonly notice: string;
    };

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
  const loginOf = (isMeant: (user: UserState) => boolean): string | undefined =>
    oneOf(Object.entries(state.users).filter(([, user]) => isMeant(user)))?.[0];
  const roles = someOf(['viewer', 'editor', 'operator', ...Object.keys(state.roles)]).toSorted();
  const create: ControlChange = { type: 'create-user', login: `user-${serial}`, roles };
  const password = `lanterns of ${serial} drift quietly`;
  const notice = `notice ${serial}`;
  const ofOne = (
    isMeant: (user: UserState) => boolean,
    change: (login: string) => ControlChange,
  ): ControlChange => {
    const login = loginOf(isMeant);
    return login === undefined ? create : change(login);
  };
  switch (below(18)) {
    case 0:
      return { type: 'put-role', name: `role-${below(12)}`, permissions: someOf(PERMISSIONS) };
    case 1: {
      const name = oneOf(Object.keys(state.roles));
      return name === undefined ? create : { type: 'remove-role', name };
    }
    case 2:
      return ofOne(anybody, (login) => ({ type: 'change-user', login, roles, isDisabled: random() < 0.5 }));
    case 3:
      return ofOne(anybody, (login) => ({ type: 'create-key', name: `key-${serial}`, login }));
    case 4: {
      const live = Object.entries(state.keys).filter(([, { isRevoked }]) => !isRevoked);
      const name = oneOf(live)?.[0];
      return name === undefined ? create : { type: 'revoke-key', name };
    }
    case 5:
      return { type: 'change-settings', notice };
    case 6:
      return state.secrets[SECRET] !== undefined && random() < 0.5
        ? { type: 'clear-secret', name: SECRET }
        : { type: 'set-secret', name: SECRET, value: `secret ${serial}` };
    case 7:
      return ofOne(anybody, (login) => ({ type: 'create-link', login }));
    case 8:
      return ofOne(
        ({ isDisabled, hasLink }) => !isDisabled && hasLink,
        (login) => ({ type: 'reset-password', login, password }),
      );
    case 9:
      return ofOne(
        (user) => user.password !== null,
        (login) => ({
          type: 'change-password',
          login,
          current: state.users[login]?.password ?? '',
          next: password,
        }),
      );
    case 10:
    case 11:
      return ofOne(isEnabled, (login) => ({ type: 'sign-in', login, isAnew: false }));
    case 12:
      return ofOne(
        (user) => isEnabled(user) && user.sessions > 0,
        (login) => ({ type: 'sign-in', login, isAnew: true }),
      );
    case 13:
      return ofOne(
        ({ sessions }) => sessions > 0,
        (login) => ({ type: random() < 0.5 ? 'end-sessions' : 'reuse-token', login }),
      );
    case 14:
      return ofOne(
        ({ secondFactor }) => secondFactor === 'off',
        (login) => ({ type: 'begin-second-factor', login }),
      );
    case 15:
      return ofOne(
        ({ secondFactor }) => secondFactor !== 'off',
        (login) => ({
          type:
            state.users[login]?.secondFactor === 'begun' ? 'confirm-second-factor' : 'remove-second-factor',
          login,
        }),
      );
    case 16: {
      const put = someOf(Object.entries(state.users))
        .slice(0, 3)
        .map(([login, user]) => ({ login, roles: user.roles, isDisabled: !user.isDisabled }));
      return { type: 'apply-configuration', users: put, notice };
    }
    default:
      return create;
  }
}

function anybody(): boolean {
  return true;
}

function isEnabled({ isDisabled }: UserState): boolean {
  return !isDisabled;
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
