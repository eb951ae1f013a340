import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { WatchStateStore } from '../../actors/ports/index.ts';

const NAME = 'watch-state.bin';

/** What is usual of series, as a file of the data directory. A crash while it is written leaves the one before. */
export class WatchStateFile implements WatchStateStore {
  private readonly path: string;

  constructor(directory: string) {
    this.path = join(directory, NAME);
  }

  async read(): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    const beside = `${this.path}.new`;
    const file = await open(beside, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(beside, this.path);
  }
}
