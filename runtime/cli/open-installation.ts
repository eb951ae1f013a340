import { access } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AuditLog } from '../audit/index.ts';
import { ApiKeys, PasswordHasher, Passwords, Sessions, Users } from '../auth/index.ts';
import { readConfig, type Config } from '../config/index.ts';
import type { ConfigurationContext } from '../configuration/index.ts';
import { DirectoryInUseError, lockDirectory } from '../directory-lock/index.ts';
import { sessionLimits } from '../control-plane/index.ts';
import { masterKeyOf, Sealer } from '../secrets/index.ts';
import { SecretStore, SettingsStore, type Author } from '../settings/index.ts';
import { openControlDatabase, type ControlDatabase } from '../storage/postgres/index.ts';
import { CliError, type CliIo } from './command.ts';

const POSTGRES_TEMPLATE = fileURLToPath(new URL('../../dist/templates/postgres', import.meta.url));

/** The control plane of an installation whose platform is stopped. */
export interface Installation extends ConfigurationContext {
  readonly database: ControlDatabase;
  readonly passwords: Passwords;
  readonly hasher: PasswordHasher;
  readonly keys: ApiKeys;
  /** Whoever is at the keyboard. */
  readonly author: Author;
}

/** Opens it, does the work, and closes it again. Rejects with errors that name the cure. */
export async function withInstallation<Result>(
  io: CliIo,
  work: (installation: Installation) => Promise<Result>,
): Promise<Result> {
  const config = await readConfig(io.environment);
  const dataDir = resolve(config.dataDir);
  await requireThere(config, dataDir);
  const lock = await lockDirectory(dataDir, 'OPHION_DATA_DIR').catch((error: unknown) => {
    if (!(error instanceof DirectoryInUseError)) throw error;
    throw new CliError(`${error.message} A platform that runs is managed over its API: --url.`);
  });
  try {
    const database = await openControlDatabase(
      config.postgresUrl === undefined
        ? { directory: join(dataDir, 'postgres'), template: POSTGRES_TEMPLATE }
        : {
            url: config.postgresUrl,
            ...(config.postgresOwnerUrl === undefined ? {} : { ownerUrl: config.postgresOwnerUrl }),
            onIdleError: (error) => {
              io.complain(`a connection to Postgres broke: ${error.message}\n`);
            },
          },
    );
    try {
      return await work(await openStores(database, dataDir, config));
    } finally {
      await database.close();
    }
  } finally {
    await lock.release();
  }
}

/** Asked about a place where nothing is, this must not make an empty installation there. */
async function requireThere({ postgresUrl }: Config, dataDir: string): Promise<void> {
  const needed = postgresUrl === undefined ? join(dataDir, 'postgres') : dataDir;
  const isThere = await access(needed).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    throw new CliError(`there is no installation in ${dataDir}: name its directory with OPHION_DATA_DIR`);
  }
}

async function openStores(database: ControlDatabase, dataDir: string, config: Config): Promise<Installation> {
  const sealer = new Sealer(await masterKeyOf(config, dataDir));
  const audit = new AuditLog(database);
  const users = await Users.open(database);
  const settings = await SettingsStore.open({ database, audit });
  const sessions = await Sessions.open(database, sessionLimits(settings.current.signIn, config.sessionHours));
  const keys = await ApiKeys.open(database);
  const hasher = new PasswordHasher();
  return {
    database,
    audit,
    users,
    settings,
    sessions,
    hasher,
    secrets: new SecretStore({ database, sealer, audit }),
    keys,
    passwords: new Passwords({ database, users, sessions, keys, hasher, audit }),
    author: { actor: `cli:${userInfo().username}`, address: '' },
  };
}
