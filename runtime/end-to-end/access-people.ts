import { BUILT_IN_ROLES, KEY_SCOPES, type KeyScope } from '../../proto/access/index.ts';
import { decide, type Principal } from '../auth/index.ts';
import type { Platform } from '../platform/index.ts';

const CLIENT = { address: '127.0.0.1', userAgent: 'test' };

/** Makes a user with these roles, without a password. */
export async function makeUser(
  { access }: Platform,
  login: string,
  roles: readonly string[],
  mustChangePassword = false,
): Promise<string> {
  const { users } = access;
  return users.change((query) =>
    users.create(query, { login, kind: 'person', name: login, roles, mustChangePassword }),
  );
}

/** A session of that user, begun anew. */
export async function tokenOf({ access }: Platform, userId: string): Promise<string> {
  const user = access.users.get(userId);
  if (!user) throw new Error(`there is no user ${userId}`);
  const begun = await access.signIn.begin(user, CLIENT);
  if (!begun) throw new Error(`${user.login} is disabled`);
  return begun.accessToken;
}

export async function makeKey(
  { access }: Platform,
  userId: string,
  scopes: readonly KeyScope[],
): Promise<{ readonly id: string; readonly secret: string }> {
  const { keys } = access;
  return keys.change((query) =>
    keys.create(query, { name: scopes.join(), userId, scopes, createdBy: 'test', expiresAt: undefined }),
  );
}

/** Somebody who knocks at every door. */
export interface Person {
  readonly name: string;
  /** A credential that nobody has used yet; none for nobody. */
  readonly credential: () => Promise<string | undefined>;
  readonly principal: Principal | undefined;
}

const principalOf = async (platform: Platform, credential: string): Promise<Principal> => {
  const principal = await platform.access.control.principalOf(credential);
  if (!principal) throw new Error('a credential that was just made does not count');
  return principal;
};

/** Nobody, somebody of each role, somebody whose password must be changed, and a key of the administrator of each scope. */
export async function everybody(platform: Platform): Promise<Person[]> {
  const people: Person[] = [
    { name: 'anonymous', credential: () => Promise.resolve(undefined), principal: undefined },
    { name: 'a made-up token', credential: () => Promise.resolve('ophion_made-up'), principal: undefined },
  ];
  const ids = new Map<string, string>();
  for (const role of [...Object.keys(BUILT_IN_ROLES), 'nothing at all', 'first password']) {
    const roles = role === 'nothing at all' ? [] : [role === 'first password' ? 'admin' : role];
    const id = await makeUser(platform, role.replaceAll(' ', '-'), roles, role === 'first password').catch(
      () => platform.access.users.byLogin(role)?.id ?? '',
    );
    ids.set(role, id);
    const credential = (): Promise<string> => tokenOf(platform, id);
    people.push({ name: role, credential, principal: await principalOf(platform, await credential()) });
  }
  for (const scope of Object.keys(KEY_SCOPES) as KeyScope[]) {
    const { secret } = await makeKey(platform, ids.get('admin') ?? '', [scope]);
    people.push({
      name: `key for ${scope}`,
      credential: () => Promise.resolve(secret),
      principal: await principalOf(platform, secret),
    });
  }
  return people;
}

/** What the tables say of this person. */
export const isAllowed = (needs: Parameters<typeof decide>[0], { principal }: Person): boolean =>
  decide(needs, principal) === 'allowed';
