import { mkdir } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { DirectoryUnusableError, lockDirectory, type DirectoryLock } from '../directory-lock/index.ts';

const SETTING = 'OPHION_DATA_DIR';

export interface DataDirectory {
  readonly path: string;
  readonly lock: DirectoryLock;
}

/**
 * Makes the directory when it is missing and claims it. Rejects with `DirectoryInUseError` when another process has
 * it, with `DirectoryUnusableError` when it cannot be written.
 */
export async function openDataDirectory(setting: string): Promise<DataDirectory> {
  const path = resolve(setting);
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return { path, lock: await lockDirectory(path, SETTING) };
  } catch (error) {
    throw aboutDirectory(path, error);
  }
}

const FILE_SYSTEM_CODES = new Set([
  'EACCES',
  'EDQUOT',
  'EEXIST',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);

/** Whoever met it first: what the file system refuses in the data directory is the directory's fault. */
export function aboutDirectory(directory: string, error: unknown): unknown {
  return isRefusalIn(directory, error) ? new DirectoryUnusableError(directory, SETTING, error) : error;
}

/** For what works in the directory: throws what it meets, about the directory where that is at fault. */
export function throwAbout(directory: string): (error: unknown) => never {
  return (error) => {
    throw aboutDirectory(directory, error);
  };
}

function isRefusalIn(directory: string, error: unknown): error is NodeJS.ErrnoException {
  if (!(error instanceof Error)) return false;
  const { code, syscall, path }: NodeJS.ErrnoException = error;
  if (syscall === undefined || !FILE_SYSTEM_CODES.has(code ?? '')) return false;
  // Writing to an open file names no path; all that is written while starting is written there.
  return path === undefined || path === directory || path.startsWith(`${directory}${sep}`);
}
