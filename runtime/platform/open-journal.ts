import { insertSegment, type TelemetryArchive } from '../../actors/ports/index.ts';
import type { Config } from '../config/index.ts';
import type { KnownRequests } from '../ingest/index.ts';
import { openFileJournal, openMemoryJournal, type Journal, type JournalDamage } from '../journal/index.ts';
import type { Logger } from '../log/index.ts';
import { SlowProgress } from '../log/index.ts';

export interface JournalOptions {
  readonly config: Config;
  readonly directory: string;
  readonly archive: TelemetryArchive;
  readonly known: KnownRequests;
  readonly log: Logger;
}

/** A client gives up within minutes; a collector with a queue on disk may come back later. */
export const KNOWN_REQUESTS = { keepMs: 3_600_000, maxDigests: 2 ** 20 } as const;

/** The journal that the settings ask for, and how far the archive had come when it was opened. */
export async function openJournal(
  options: JournalOptions,
): Promise<{ readonly journal: Journal; readonly archivedThrough: number }> {
  const { config, directory, archive, known, log } = options;
  const archivedThrough = await archive.archivedThrough();
  const shared = {
    directory,
    maxSegmentItems: config.archiveMaxItems,
    maxSegmentAgeMs: config.archiveMaxAgeSeconds * 1_000,
    startAbove: archivedThrough,
    onDamage: (damage: JournalDamage): void => {
      log.error({ damage }, 'a part of the journal cannot be read');
    },
  };
  if (config.journalMode === 'off') return openOff(options, shared, archivedThrough);
  const progress = new SlowProgress(log, 'reading the journal');
  const journal = await openFileJournal({
    ...shared,
    durability: config.journalMode,
    quotaBytes: config.journalMaxBytes,
    keepDigestsMs: config.recogniseRetries === 'on' ? KNOWN_REQUESTS.keepMs : 0,
    maxKeptDigests: KNOWN_REQUESTS.maxDigests,
    onDigest: ({ digest, segment, receivedAtUnixMs }) => {
      known.note(digest, segment, receivedAtUnixMs);
    },
    onProgress: (doneBytes, totalBytes) => {
      progress.at({ share: doneBytes / totalBytes });
    },
    onFailure: (cause) => {
      log.error({ err: cause }, 'the journal cannot be written; senders are asked to wait');
    },
  });
  return { journal, archivedThrough };
}

/**
 * The segment after the last complete one may be there by half, from a process that ended meanwhile: its number must
 * not be used again. It counts as complete from now on, or the next start would find the same.
 */
async function openOff(
  { archive, log }: JournalOptions,
  shared: Parameters<typeof openMemoryJournal>[0],
  archivedThrough: number,
): Promise<{ readonly journal: Journal; readonly archivedThrough: number }> {
  log.warn('OPHION_JOURNAL_MODE is off: what ClickHouse does not have yet goes with the process');
  const startAbove = archivedThrough + 1;
  const journal = await openMemoryJournal({ ...shared, startAbove });
  if (journal.pending().length > 0) return { journal, archivedThrough };
  await insertSegment(archive, { number: startAbove, batches: [] });
  return { journal, archivedThrough: startAbove };
}
