import { mkdir, mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { writeParts } from '../../files/index.ts';
import { exists } from '../copy-whole.ts';

/** A file in the making, then one to be inserted. Not synced: what it holds is in the journal, too. */
export class SpoolFile {
  readonly path: string;
  private readonly file: FileHandle;
  private sizeBytes = 0;

  constructor(path: string, file: FileHandle) {
    this.path = path;
    this.file = file;
  }

  /** Borrows `parts` until it resolves. */
  async append(parts: readonly Uint8Array[]): Promise<void> {
    await writeParts(this.file, parts, this.sizeBytes);
    for (const { byteLength } of parts) this.sizeBytes += byteLength;
  }

  /** Nothing more comes. */
  close(): Promise<void> {
    return this.file.close();
  }

  isThere(): Promise<boolean> {
    return exists(this.path);
  }

  remove(): Promise<void> {
    return rm(this.path, { force: true });
  }
}

/** A directory of files that wait to be inserted. Of no use to a later process: emptied before the first file is made. */
export class Spool {
  private readonly directory: string | undefined;
  private made: Promise<string> | undefined;
  private count = 0;

  /** Without a directory it makes one among the system's temporary ones. */
  constructor(directory?: string) {
    this.directory = directory;
  }

  async create(): Promise<SpoolFile> {
    this.made ??= makeEmpty(this.directory);
    const directory = await this.made.catch((error: unknown) => {
      this.made = undefined;
      throw error;
    });
    // Somebody may have removed it meanwhile.
    await mkdir(directory, { recursive: true, mode: 0o700 });
    this.count += 1;
    const path = join(directory, `${this.count}.native`);
    return new SpoolFile(path, await open(path, 'wx', 0o600));
  }

  /** Removes it with what is left in it. */
  async close(): Promise<void> {
    const directory = await this.made?.catch(() => undefined);
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  }
}

async function makeEmpty(directory: string | undefined): Promise<string> {
  if (directory === undefined) return mkdtemp(join(tmpdir(), 'ophion-spool-'));
  await rm(directory, { recursive: true, force: true });
  return directory;
}
