import { execFile, spawn } from 'node:child_process';
import { chmod, chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface ThrowawayPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * A PostgreSQL of its own for tests, on a free loopback port, gone when stopped. Uses the machine's binaries, or
 * installs Debian's `postgresql` as root; rejects with the instruction where neither can be.
 */
export async function startThrowawayPostgres(): Promise<ThrowawayPostgres> {
  const binaries = await findBinaries();
  const folder = await mkdtemp(join(tmpdir(), 'ophion-postgres-'));
  const user = await unprivilegedUser();
  if (user) await chown(folder, user.uid, user.gid);
  await chmod(folder, 0o755);
  const as = user ? { uid: user.uid, gid: user.gid } : {};
  const data = join(folder, 'data');
  const password = join(folder, 'password');
  await writeFile(password, 'throwaway', { mode: 0o644 });
  const options = [
    '-D',
    data,
    '-U',
    'ophion',
    '--pwfile',
    password,
    '-A',
    'scram-sha-256',
    '--no-sync',
    '-E',
    'UTF8',
  ];
  await run(join(binaries, 'initdb'), options, { ...as, cwd: folder });
  const port = await freePort();
  const server = spawn(
    join(binaries, 'postgres'),
    ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', '', '-c', 'fsync=off'],
    { ...as, cwd: folder, stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) =>
    server.once('exit', () => {
      resolve();
    }),
  );
  await accepting(join(binaries, 'pg_isready'), port, server.pid);
  return {
    url: `postgres://ophion:throwaway@127.0.0.1:${port}/postgres`,
    async stop() {
      server.kill('SIGINT');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const DEBIAN = '/usr/lib/postgresql';

async function findBinaries(): Promise<string> {
  const newest = async (): Promise<string | undefined> => {
    const versions = await readdir(DEBIAN).catch(() => []);
    return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN, version, 'bin'))[0];
  };
  const found = await newest();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0) {
    await run('apt-get', ['update', '-qq']).catch(() => undefined);
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'postgresql']).catch(
      () => undefined,
    );
  }
  const installed = await newest();
  if (installed === undefined) {
    throw new Error(
      'these tests need PostgreSQL: install the package `postgresql` (Debian: apt-get install postgresql)',
    );
  }
  return installed;
}

/** PostgreSQL refuses to run as root. */
async function unprivilegedUser(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string): Promise<number> => Number((await run('id', [flag, 'nobody'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address) resolve(address.port);
        else reject(new Error('no port'));
      });
    });
  });
}

async function accepting(isReady: string, port: number, pid: number | undefined): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const ready = await run(isReady, ['-h', '127.0.0.1', '-p', String(port)]).then(
      () => true,
      () => false,
    );
    if (ready) return;
    await sleep(100);
  }
  throw new Error(`PostgreSQL (process ${pid ?? 'unknown'}) did not accept connections within 10 s`);
}
