import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { DirectoryInUseError } from './directory-in-use-error.ts';
import { DirectoryUnusableError } from './directory-unusable-error.ts';

export interface DirectoryLock {
  /** Gives the directory free again. */
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells a process from a later one that got the same pid; '' where the system does not say. */
  readonly startedAt: string;
  readonly token: string;
}

const HEARTBEAT_MS = 5_000;
/** Several heartbeats, so that a busy holder is not taken for a dead one. */
const FOREIGN_STALE_MS = 30_000;

/**
 * When a process was started: clock ticks since boot, with the boot's id. 'ended' for one that only waits to be
 * collected by its parent.
 */
async function processStart(pid: number): Promise<string> {
  try {
    const [line, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    // The command name, in parentheses, may itself hold spaces and parentheses.
    const afterName = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return afterName[0] === 'Z' ? 'ended' : `${boot.trim()}:${afterName[19] ?? ''}`;
  } catch {
    return '';
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, host, startedAt, token } = JSON.parse(text) as Partial<Holder>;
    const isComplete =
      typeof pid === 'number' &&
      typeof host === 'string' &&
      typeof startedAt === 'string' &&
      typeof token === 'string';
    return isComplete ? { pid, host, startedAt, token } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * On this host the process table tells whether a holder lives. From another host (or container) only the heartbeat
 * does: a lock that was not touched for 30 s is left over.
 */
async function isHeld(path: string, holder: Holder | undefined): Promise<boolean> {
  if (holder?.host === hostname()) {
    if (!isRunning(holder.pid)) return false;
    return holder.startedAt === (await processStart(holder.pid));
  }
  try {
    const { mtimeMs } = await stat(path);
    return Date.now() - mtimeMs < FOREIGN_STALE_MS;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function readLock(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Of several processes that find the same left-over lock, only one takes it away; a fresh lock is put back. */
async function removeStale(path: string, staleText: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    if ((await readFile(aside, 'utf8')) !== staleText) await link(aside, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function isWritten(path: string, text: string): Promise<boolean> {
  // Written aside and linked, so that nobody reads half a lock.
  const aside = `${path}.${randomUUID()}`;
  try {
    await writeFile(aside, text, { flag: 'wx', mode: 0o600 });
    await link(aside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

/** Takes the lock, or throws `DirectoryInUseError`. */
async function claim(path: string, text: string, directory: string, setting: string): Promise<void> {
  while (!(await isWritten(path, text))) {
    const found = await readLock(path);
    if (found === undefined) continue;
    const holder = parseHolder(found);
    if (await isHeld(path, holder)) throw new DirectoryInUseError(directory, setting, holder);
    await removeStale(path, found);
  }
}

/**
 * Claims a directory for this process by a file named `lock` in it; makes the directory when it is missing. A lock
 * left over by a dead process is taken over. Rejects with `DirectoryInUseError` when a live process has it, and with
 * `DirectoryUnusableError` when it cannot be written. `setting` is what the operator would change to use another one.
 */
export async function lockDirectory(directory: string, setting: string): Promise<DirectoryLock> {
  const path = join(directory, 'lock');
  const self: Holder = {
    pid: process.pid,
    host: hostname(),
    startedAt: await processStart(process.pid),
    token: randomUUID(),
  };
  const text = JSON.stringify(self);
  try {
    await mkdir(directory, { recursive: true });
    await claim(path, text, directory, setting);
  } catch (error) {
    throw error instanceof DirectoryInUseError
      ? error
      : new DirectoryUnusableError(directory, setting, error);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    // A missed beat is made good by the next; the directory's owner learns of a broken disk by its own writes.
    utimes(path, now, now).catch(() => undefined);
  }, HEARTBEAT_MS).unref();
  return {
    async release() {
      clearInterval(heartbeat);
      if ((await readLock(path)) === text) await rm(path, { force: true });
    },
  };
}
