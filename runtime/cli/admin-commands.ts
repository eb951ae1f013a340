import { FIRST_ADMIN, newPassword, type KeysAfterwards, type User, type UserChange } from '../auth/index.ts';
import type { RunQuery } from '../storage/postgres/index.ts';
import { CliError, EXIT, textOption, type Command } from './command.ts';
import { withInstallation, type Installation } from './open-installation.ts';

const resetCommand: Command = {
  name: 'admin reset-password',
  arguments: [],
  summary: 'let an administrator in who is locked out',
  help:
    'Makes a random password, printed once and to be changed at the next sign-in, enables the account and forgets its failed\n' +
    'attempts; all its sessions end, and its API keys are revoked. Whoever can run this can read the database: it asks for no\n' +
    'password.',
  options: {
    login: { type: 'string' },
    link: { type: 'boolean' },
    'drop-second-factor': { type: 'boolean' },
    'make-admin': { type: 'boolean' },
    'keep-keys': { type: 'boolean' },
  },
  optionHelp: {
    login: `whose (as without it: ${FIRST_ADMIN})`,
    link: 'print a token that lets its bearer set the password once, within a day, instead of a password',
    'drop-second-factor': 'for who lost the authenticator app, too',
    'make-admin': 'give the role admin to who does not have it',
    'keep-keys': 'leave the API keys of the account as they are; without it they are revoked',
  },
  run: ({ options, io }) =>
    withInstallation(io, async (installation) => {
      const login = textOption(options, 'login') ?? FIRST_ADMIN;
      const user = installation.users.byLogin(login);
      if (user?.kind !== 'person') {
        throw new CliError(`there is nobody with the login ${login}: choose with --login`);
      }
      const isAdmin = user.roles.includes('admin');
      if (!isAdmin && options['make-admin'] !== true) {
        throw new CliError(`${user.login} does not have the role admin: --make-admin gives it`);
      }
      const change: UserChange = {
        isDisabled: false,
        ...(isAdmin ? {} : { roles: [...user.roles, 'admin'] }),
        ...(options['drop-second-factor'] === true ? { totpSecret: null, totpConfirmed: false } : {}),
      };
      const keys = options['keep-keys'] === true ? 'kept' : 'revoked';
      io.write(
        `${options['link'] === true ? await link(installation, user, change, keys) : await password(installation, user, change, keys)}\n`,
      );
      return EXIT.done;
    }),
};

export const ADMIN_COMMANDS = [resetCommand] as const;

async function password(
  installation: Installation,
  user: User,
  change: UserChange,
  keys: KeysAfterwards,
): Promise<string> {
  const made = newPassword();
  const passwordHash = await installation.hasher.hash(made);
  await letIn(installation, user, { ...change, passwordHash, mustChangePassword: true }, keys, () =>
    Promise.resolve(),
  );
  return made;
}

async function link(
  installation: Installation,
  user: User,
  change: UserChange,
  keys: KeysAfterwards,
): Promise<string> {
  return letIn(installation, user, change, keys, (query) =>
    installation.passwords.createLink(user, installation.author, query),
  );
}

/** `also` is part of the same transaction. */
async function letIn<Also>(
  installation: Installation,
  user: User,
  change: UserChange,
  keys: KeysAfterwards,
  also: (query: RunQuery) => Promise<Also>,
): Promise<Also> {
  const { users, sessions, passwords, audit, author } = installation;
  return users.change(async (query) => {
    await users.update(query, user.id, change);
    await query('DELETE FROM sign_in_failures WHERE key = $1', [`account:${user.login}`]);
    const after = {
      password: change.passwordHash === undefined ? 'link' : 'new',
      roles: change.roles ?? user.roles,
      ...(change.totpSecret === null ? { secondFactor: 'removed' } : {}),
    };
    await audit.append(
      {
        ...author,
        action: 'password.reset',
        target: `user:${user.login}`,
        outcome: 'done',
        detail: { after },
      },
      query,
    );
    await sessions.endOf(user.id, 'password-changed', query);
    if (keys === 'revoked') await passwords.revokeKeys(query, user, author);
    return also(query);
  });
}
