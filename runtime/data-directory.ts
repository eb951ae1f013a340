import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { lockDirectory, type DirectoryLock } from './directory-lock/index.ts';

/** The data directory cannot be used as it is. Cure: make it writable, or choose another one. */
export class DataDirectoryError extends Error {
  readonly code = 'DATA_DIR_UNUSABLE';

  constructor(directory: string, cause: NodeJS.ErrnoException) {
    super(
      `the data directory ${directory} cannot be used: ${cause.message}; make it writable for this user, or choose another with OPHION_DATA_DIR`,
      { cause },
    );
    this.name = 'DataDirectoryError';
  }
}

export interface DataDirectory {
  readonly path: string;
  readonly lock: DirectoryLock;
}

/**
 * Makes the directory when it is missing and claims it. Rejects with `DirectoryInUseError` when another process has
 * it, with `DataDirectoryError` when it cannot be written.
 */
export async function openDataDirectory(setting: string): Promise<DataDirectory> {
  const path = resolve(setting);
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return { path, lock: await lockDirectory(path, 'OPHION_DATA_DIR') };
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

/** Whoever met it first: what the file system refuses below the data directory is the directory's fault. */
export function aboutDirectory(path: string, error: unknown): unknown {
  return isFileSystemRefusal(error) ? new DataDirectoryError(path, error) : error;
}

function isFileSystemRefusal(error: unknown): error is NodeJS.ErrnoException {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return error instanceof Error && syscall !== undefined && FILE_SYSTEM_CODES.has(code ?? '');
}
