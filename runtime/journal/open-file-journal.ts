import { rm } from 'node:fs/promises';

import { lockDirectory } from '../directory-lock/index.ts';
import { DigestFiles } from './digest-files.ts';
import { DEFAULTS, type FileJournalOptions, type Settings } from './file-journal-options.ts';
import { FileJournal } from './file-journal.ts';
import type { Journal } from './journal.ts';
import { recover } from './recovery.ts';
import { segmentNumbers, segmentPath } from './segment-file.ts';

/**
 * Opens a journal of files in a directory, which one process may use at a time. Segments found there are sealed and
 * wait to be replayed and released. Rejects with `DirectoryInUseError`, `JournalTooNewError`, or the file system's error.
 */
export async function openFileJournal(options: FileJournalOptions): Promise<Journal> {
  const settings: Settings = { ...DEFAULTS, ...options };
  const { directory, durability, startAbove, onDamage, onDigest } = settings;
  const lock = await lockDirectory(directory, 'OPHION_DATA_DIR');
  try {
    const digestFiles = new DigestFiles({
      directory,
      keepMs: settings.keepDigestsMs,
      maxDigests: settings.maxKeptDigests,
      isSynced: durability === 'fsync',
      now: settings.now,
    });
    const unreleased = new Set(await segmentNumbers(directory));
    for await (const { segment, newestUnixMs, digests } of digestFiles.readReleased(unreleased)) {
      for (const digest of digests) onDigest({ segment, digest, receivedAtUnixMs: newestUnixMs });
    }
    const recovered = await recover(directory, {
      onProgress: settings.onProgress,
      async onSegment({ number }, found) {
        for (const digest of found.digests) {
          onDigest({ segment: number, digest, receivedAtUnixMs: found.newestUnixMs });
        }
        // The last one may have been open when the process ended.
        await digestFiles.write(number, found);
      },
    });
    const { emptyLast, highest, damages } = recovered;
    for (const damage of damages) onDamage(damage);
    // Without sync an empty file may have held records that were delivered: its number is not given again.
    const mayReuse = emptyLast !== undefined && durability === 'fsync' && emptyLast > startAbove;
    // Where the archive knows more numbers than the directory does, the next one may have been used by half, too.
    const nextNumber = mayReuse ? emptyLast : highest < startAbove ? startAbove + 2 : highest + 1;
    const journal = new FileJournal(settings, lock, digestFiles, recovered, nextNumber);
    await journal.openActive();
    if (emptyLast !== undefined && !mayReuse) await rm(segmentPath(directory, emptyLast), { force: true });
    return journal;
  } catch (error) {
    await lock.release();
    throw error;
  }
}
