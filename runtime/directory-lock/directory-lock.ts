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
  const touched = await present(stat(path));
  // Gone since it was read: its holder lived a moment ago.
  return touched === undefined || Date.now() - touched.mtimeMs < FOREIGN_STALE_MS;
}

/** What is known of a file; undefined when there is none. */
async function present<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Puts a lock at `path`, or replaces the one there; nobody ever reads half a lock. */
async function place(path: string, text: string, put: (from: string, to: string) => Promise<void>) {
  const aside = `${path}.${randomUUID()}`;
  try {
    await writeFile(aside, text, { flag: 'wx', mode: 0o600 });
    await put(aside, path);
  } finally {
    await rm(aside, { force: true });
  }
}

async function isCreated(path: string, text: string): Promise<boolean> {
  try {
    await place(path, text, link);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether a lock stands at `path` whose holder is gone; throws `DirectoryInUseError` when he is not. */
async function isLeftOver(path: string, directory: string, setting: string): Promise<boolean> {
  const found = await present(readFile(path, 'utf8'));
  if (found === undefined) return false;
  const holder = parseHolder(found);
  if (await isHeld(path, holder)) throw new DirectoryInUseError(directory, setting, holder);
  return true;
}

/**
 * Takes the lock, or throws `DirectoryInUseError`. A lock appears by exclusive creation and is removed by its holder
 * alone; a left-over one is replaced only under a second lock, which is claimed by these same rules.
 */
async function claim(path: string, text: string, directory: string, setting: string): Promise<void> {
  const succession = `${path}.succession`;
  while (!(await isCreated(path, text))) {
    if (!(await isLeftOver(path, directory, setting))) continue;
    await claim(succession, text, directory, setting);
    try {
      if (!(await isLeftOver(path, directory, setting))) continue;
      await place(path, text, rename);
      return;
    } finally {
      await rm(succession, { force: true });
    }
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
      if ((await present(readFile(path, 'utf8'))) === text) await rm(path, { force: true });
    },
  };
}
