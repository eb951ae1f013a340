import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const VERSIONS = '/usr/lib/postgresql';

export interface ThrowawayPostgres {
  readonly host: string;
  readonly user: string;
  readonly password: string;
  urlOf(database: string): string;
  createDatabase(name: string): Promise<void>;
  /** Ends it at once, as a crash would, or orderly. */
  stop(how?: 'orderly' | 'at-once'): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its files. */
  remove(): Promise<void>;
}

async function newestBinaries(): Promise<string | undefined> {
  const versions = await readdir(VERSIONS).catch(() => []);
  for (const version of versions.sort((a, b) => Number(b) - Number(a))) {
    const directory = join(VERSIONS, version, 'bin');
    const isThere = await access(join(directory, 'initdb')).then(
      () => true,
      () => false,
    );
    if (isThere) return directory;
  }
  return undefined;
}

async function findBinaries(): Promise<string> {
  const found = await newestBinaries();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0) {
    const options = { timeout: 300_000 };
    await run('apt-get', ['update'], options).catch(() => undefined);
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'postgresql'], options).catch(
      () => undefined,
    );
    const installed = await newestBinaries();
    if (installed !== undefined) return installed;
  }
  throw new Error(`There is no PostgreSQL under ${VERSIONS}. Install it: apt-get install postgresql`);
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root. */
async function unprivileged(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, name])));
      return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
    } catch {
      continue;
    }
  }
  throw new Error('PostgreSQL cannot run as root, and there is neither a user postgres nor a user nobody.');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A PostgreSQL server of the machine's own binaries, with nothing in it, on 127.0.0.1. */
export async function startThrowawayPostgres(): Promise<ThrowawayPostgres> {
  const binaries = await findBinaries();
  const account = await unprivileged();
  const home = await mkdtemp(join(tmpdir(), 'ophion-postgres-'));
  if (account) await chown(home, account.uid, account.gid);
  const options = { ...account, cwd: home };
  const data = join(home, 'data');
  const port = await freePort();
  const user = 'ophion';
  const password = 'throwaway-secret';
  const passwordFile = join(home, 'password');
  const quick = ['--no-sync', '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C'];
  await run('/bin/sh', ['-c', `printf %s ${password} > ${passwordFile}`], options);
  await run(
    join(binaries, 'initdb'),
    ['-D', data, '-U', user, `--pwfile=${passwordFile}`, ...quick],
    options,
  );
  const flags = [
    '-D',
    data,
    '-p',
    String(port),
    '-k',
    home,
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    'fsync=off',
  ];
  let server: ReturnType<typeof spawn> | undefined;
  const environment = { PGPASSWORD: password, PATH: '/usr/bin:/bin' };
  const isReady = (): Promise<boolean> =>
    run(join(binaries, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]).then(
      () => true,
      () => false,
    );

  const postgres: ThrowawayPostgres = {
    host: `127.0.0.1:${port}`,
    user,
    password,
    urlOf: (database) => `postgres://${user}:${password}@127.0.0.1:${port}/${database}`,
    async createDatabase(name) {
      const connection = ['-h', '127.0.0.1', '-p', String(port), '-U', user];
      await run(join(binaries, 'createdb'), [...connection, name], { env: environment });
    },
    async start() {
      server = spawn(join(binaries, 'postgres'), flags, { ...options, stdio: 'ignore' });
      for (let tries = 0; !(await isReady()); tries++) {
        if (tries === 200 || server.exitCode !== null) throw new Error('PostgreSQL did not start');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async stop(how = 'orderly') {
      if (server?.exitCode !== null || server.signalCode !== null) return;
      const exited = once(server, 'exit');
      server.kill(how === 'orderly' ? 'SIGINT' : 'SIGQUIT');
      await exited;
    },
    async remove() {
      await postgres.stop('at-once');
      await rm(home, { recursive: true, force: true });
    },
  };
  await postgres.start();
  return postgres;
}
