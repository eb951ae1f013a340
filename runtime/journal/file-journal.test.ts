import {
  constants,
  mkdir,
  mkdtemp,
  open,
  readFile,
  readdir,
  readlink,
  realpath,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import {
  openFileJournal,
  openMemoryJournal,
  type FileJournalOptions,
  type Journal,
  type JournalDamage,
} from './index.ts';
import type { FoundDigest, JournalRecord } from './journal.ts';
import { segmentPath, SYNCS_WHILE_WRITING } from './segment-file.ts';

let directory: string;
const opened: Journal[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ophion-journal-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(opened.splice(0).map((journal) => journal.close()));
  await rm(directory, { recursive: true, force: true });
});

async function openIt(options: Partial<FileJournalOptions> = {}): Promise<Journal> {
  const journal = await openFileJournal({ directory, ...options });
  opened.push(journal);
  return journal;
}

function record(text: string, itemCount = 1): JournalRecord {
  return {
    signal: 'traces',
    encoding: 'protobuf',
    itemCount,
    receivedAtUnixMs: 1.7e12 + itemCount,
    bytes: Buffer.from(text),
  };
}

const ignore = (): void => undefined;
const textOf = ({ bytes }: JournalRecord): string => Buffer.from(bytes).toString();

async function replayed(journal: Journal): Promise<(JournalRecord & { readonly segment: number })[]> {
  const all: (JournalRecord & { readonly segment: number })[] = [];
  for (const { number } of journal.pending()) {
    for await (const each of journal.read(number)) {
      const { signal, encoding, itemCount, receivedAtUnixMs, bytes } = each;
      all.push({
        signal,
        encoding,
        itemCount,
        receivedAtUnixMs,
        bytes: Uint8Array.from(bytes),
        segment: number,
      });
    }
  }
  return all;
}

/** A method of every open file, to make it fail. */
async function fileMethods(): Promise<{ writev: FileWrite; datasync: () => Promise<void> }> {
  const file = await open(directory, 'r');
  await file.close();
  return Object.getPrototypeOf(file) as never;
}
type FileWrite = (parts: Uint8Array[], position: number) => Promise<{ bytesWritten: number }>;

const diskFull = (): Error => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

describe('append', () => {
  it('delivers in order before it resolves, and gives everything back after a restart', async () => {
    const journal = await openIt();
    const events: string[] = [];
    const appends = ['a', 'b', 'c'].map((text) =>
      journal
        .append(record(text), (segment) => events.push(`deliver ${text} ${segment}`))
        .then((outcome) => events.push(`ack ${text} ${JSON.stringify(outcome)}`)),
    );
    await Promise.all(appends);
    expect(events.slice(0, 3)).toEqual(['deliver a 1', 'deliver b 1', 'deliver c 1']);
    expect(events.slice(3)).toEqual(['a', 'b', 'c'].map((text) => `ack ${text} {"segment":1}`));
    await journal.close();

    const again = await openIt();
    expect(again.pending()).toEqual([
      { number: 1, recordCount: 3, itemCount: 3, sizeBytes: (await stat(segmentPath(directory, 1))).size },
    ]);
    expect(await replayed(again)).toEqual(
      ['a', 'b', 'c'].map((text) => ({
        ...record(text),
        segment: 1,
        bytes: Uint8Array.from(Buffer.from(text)),
      })),
    );
  });

  it('shares commits between appends that come together', async () => {
    const journal = await openIt({ commitIntervalMs: 5 });
    await Promise.all(Array.from({ length: 500 }, (_, i) => journal.append(record(`r${i}`), ignore)));
    expect(journal.statistics().appendedRecords).toBe(500);
    expect(journal.statistics().commits).toBeLessThanOrEqual(2);
  });

  it('rejects with what a delivery throws, and goes on with the others', async () => {
    const journal = await openIt();
    const failing = journal.append(record('a'), () => {
      throw new Error('a bug');
    });
    const fine = journal.append(record('b'), ignore);
    await expect(failing).rejects.toThrow('a bug');
    expect(await fine).toEqual({ segment: 1 });
  });

  it('refuses at the quota, and accepts again after a release', async () => {
    const journal = await openIt({ quotaBytes: 2_000 });
    expect(await journal.append(record('x'.repeat(1_500)), ignore)).toEqual({ segment: 1 });
    expect(await journal.append(record('y'.repeat(1_500)), ignore)).toEqual({ refused: 'journal-full' });
    expect(await journal.seal()).toBe(1);
    await journal.release(1);
    expect(await journal.append(record('y'.repeat(1_500)), ignore)).toEqual({ segment: 2 });
    expect(journal.statistics()).toMatchObject({ refusedFull: 1, pendingSegments: 0 });
  });

  it('takes a record larger than the quota when it holds nothing else', async () => {
    const journal = await openIt({ quotaBytes: 1_000 });
    expect(await journal.append(record('x'.repeat(5_000)), ignore)).toEqual({ segment: 1 });
    expect(journal.hasRoom(1)).toBe(false);
    expect(await journal.append(record('y'), ignore)).toEqual({ refused: 'journal-full' });
  });

  it('refuses more than may wait to be written', async () => {
    const journal = await openIt({ maxQueuedBytes: 1_000 });
    const outcomes = await Promise.all(
      ['a', 'b'].map((text) => journal.append(record(text.repeat(600)), ignore)),
    );
    expect(outcomes).toEqual([{ segment: 1 }, { refused: 'journal-full' }]);
  });

  it('refuses after close, and what waited at close is kept', async () => {
    const journal = await openIt({ commitIntervalMs: 5 });
    const waiting = Array.from({ length: 20 }, (_, i) => journal.append(record(`r${i}`), ignore));
    await journal.close();
    expect(await Promise.all(waiting)).toEqual(Array(20).fill({ segment: 1 }));
    expect(await journal.append(record('late'), ignore)).toMatchObject({ refused: 'journal-unavailable' });
    expect((await replayed(await openIt())).map(textOf)).toEqual(
      Array.from({ length: 20 }, (_, i) => `r${i}`),
    );
  });
});

describe('segments', () => {
  it('are sealed at their bounds, after all their deliveries, with growing numbers', async () => {
    const journal = await openIt({ maxSegmentItems: 10, maxSegmentBytes: 1_000 });
    const events: string[] = [];
    journal.onSealed(({ number, itemCount }) => events.push(`sealed ${number} ${itemCount}`));
    const deliver = (segment: number): void => void events.push(`in ${segment}`);
    await Promise.all([4, 4, 4].map((items) => journal.append(record('x', items), deliver)));
    await journal.append(record('y'.repeat(2_000)), deliver);
    expect(await journal.seal()).toBeUndefined();
    expect(events).toEqual(['in 1', 'in 1', 'in 1', 'sealed 1 12', 'in 2', 'sealed 2 1']);
    expect(journal.pending().map(({ number }) => number)).toEqual([1, 2]);
  });

  it('are sealed at their age, and never when empty', async () => {
    const journal = await openIt({ maxSegmentAgeMs: 30 });
    expect(await journal.seal()).toBeUndefined();
    const sealed = new Promise((resolve) => journal.onSealed(resolve));
    await journal.append(record('x'), ignore);
    expect(await sealed).toMatchObject({ number: 1, recordCount: 1 });
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(journal.pending()).toHaveLength(1);
  });

  it('tell listeners until these leave', async () => {
    const journal = await openIt();
    const listener = vi.fn();
    const leave = journal.onSealed(listener);
    await journal.append(record('x'), ignore);
    await journal.seal();
    leave();
    await journal.append(record('x'), ignore);
    await journal.seal();
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('never give a number twice, whatever was released', async () => {
    const first = await openIt();
    await first.append(record('x'), ignore);
    await first.seal();
    await first.release(1);
    await first.release(77);
    await first.close();
    const second = await openIt();
    expect(await second.append(record('x'), ignore)).toEqual({ segment: 2 });
    await second.close();
    const third = await openIt({ startAbove: 40 });
    expect(await third.append(record('x'), ignore)).toEqual({ segment: 42 });
    expect(third.pending().map(({ number }) => number)).toEqual([2]);
    expect(await readdir(directory)).toHaveLength(3);
  });

  it('skip a number whose records may have been lost for want of a sync', async () => {
    const first = await openIt({ durability: 'os' });
    await first.close();
    const second = await openIt({ durability: 'os' });
    expect(await second.append(record('x'), ignore)).toEqual({ segment: 2 });
  });

  it('are sealed at their number of records', async () => {
    const journal = await openIt({ maxSegmentRecords: 3 });
    await Promise.all(Array.from({ length: 8 }, () => journal.append(record('x'), ignore)));
    expect(journal.pending().map(({ recordCount }) => recordCount)).toEqual([3, 3]);
  });

  it('are read alone, while others are written, and are empty once they are released', async () => {
    const journal = await openIt();
    for (const text of ['a', 'b']) {
      await journal.append(record(text), ignore);
      await journal.seal();
    }
    const texts = async (segment: number): Promise<string[]> => {
      const all: string[] = [];
      for await (const each of journal.read(segment)) {
        all.push(textOf(each));
        await journal.append(record('meanwhile'), ignore);
      }
      return all;
    };
    expect(await texts(2)).toEqual(['b']);
    await journal.release(2);
    expect(await texts(2)).toEqual([]);
    expect(await texts(1)).toEqual(['a']);
    expect(await texts(9)).toEqual([]);
  });

  it('refuse a second process', async () => {
    await openIt();
    await expect(openIt()).rejects.toMatchObject({ code: 'DATA_DIR_UNUSABLE' });
  });
});

describe('a removal that takes long', () => {
  /** A journal with a sealed segment that is not removed before `finish` is called. */
  const heldUp = async (): Promise<{ readonly journal: Journal; readonly finish: () => void }> => {
    let finish = ignore;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const journal = await openIt({
      removeFile: async (path) => {
        await finished;
        await rm(path);
      },
    });
    await journal.append(record('a'), ignore);
    expect(await journal.seal()).toBe(1);
    return { journal, finish };
  };

  it('holds no commit up, and frees its bytes when it is done', async () => {
    const { journal, finish } = await heldUp();
    const released = journal.release(1);
    const again = journal.release(1);
    expect(await journal.append(record('b'), ignore)).toEqual({ segment: 2 });
    expect(journal.pending().map(({ number }) => number)).toEqual([1]);
    expect(journal.statistics().releasedBytes).toBe(0);
    finish();
    await Promise.all([released, again]);
    expect(journal.pending()).toEqual([]);
    expect(journal.statistics().releasedBytes).toBeGreaterThan(0);
    await expect(stat(segmentPath(directory, 1))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is awaited by the close', async () => {
    const { journal, finish } = await heldUp();
    const events: string[] = [];
    const all = [
      journal.release(1).then(() => events.push('released')),
      journal.close().then(() => events.push('closed')),
    ];
    finish();
    await Promise.all(all);
    expect(events).toEqual(['released', 'closed']);
  });
});

describe('durability', () => {
  /** The flags, as /proc has them in octal, of the descriptors that this process has of a file. */
  const flagsOf = async (path: string): Promise<number[]> => {
    const target = await realpath(path);
    const numbers = await readdir('/proc/self/fd');
    const found = await Promise.all(
      numbers.map(async (number) => {
        const opened = await readlink(`/proc/self/fd/${number}`).catch(() => '');
        return opened === target ? [await readFile(`/proc/self/fdinfo/${number}`, 'utf8')] : [];
      }),
    );
    return found.flat().map((info) => Number.parseInt(/^flags:\s*(\d+)$/m.exec(info)?.[1] ?? '', 8));
  };

  it.each([
    ['fsync', true],
    ['os', false],
  ] as const)(
    '%s: what is written is synced (%s), in the first segment and in those after it',
    async (durability, synced) => {
      const datasync = vi.spyOn(await fileMethods(), 'datasync');
      const journal = await openIt({ durability, maxSegmentItems: 1 });
      await journal.append(record('a'), ignore);
      await journal.append(record('b'), ignore);
      await journal.seal();
      datasync.mockClear();
      await journal.append(record('c', 0), ignore);
      // By the file itself where it can, else by a call for each write.
      const isSynced = SYNCS_WHILE_WRITING
        ? (await flagsOf(segmentPath(directory, 3))).some((flags) => (flags & constants.O_DSYNC) !== 0)
        : datasync.mock.calls.length === 1;
      expect(isSynced).toBe(synced);
    },
  );
});

describe('a failing disk', () => {
  it('refuses what was not written whole, and later appends succeed', async () => {
    const onFailure = vi.fn();
    const journal = await openIt({ onFailure });
    await journal.append(record('kept'), ignore);
    const methods = await fileMethods();
    const writev = methods.writev;
    const deliver = vi.fn();
    vi.spyOn(methods, 'writev').mockImplementationOnce(async function (this: unknown, parts, position) {
      await writev.call(this, parts.slice(0, 1), position);
      throw diskFull();
    });
    const outcome = await journal.append(record('lost'), deliver);
    expect(outcome).toMatchObject({ refused: 'journal-unavailable', cause: { code: 'ENOSPC' } });
    expect(deliver).not.toHaveBeenCalled();
    expect(onFailure).toHaveBeenCalledTimes(1);
    expect(await journal.append(record('later'), ignore)).toEqual({ segment: 1 });
    await journal.close();
    const onDamage = vi.fn();
    expect((await replayed(await openIt({ onDamage }))).map(textOf)).toEqual(['kept', 'later']);
    expect(onDamage).not.toHaveBeenCalled();
  });

  it('writes on after a short write', async () => {
    const journal = await openIt();
    const methods = await fileMethods();
    const writev = methods.writev;
    vi.spyOn(methods, 'writev').mockImplementation(function (this: unknown, parts, position) {
      const short = parts.map((part) => part.subarray(0, 3)).slice(0, 1);
      return writev.call(this, short, position);
    });
    await Promise.all(['one', '', 'three'].map((text) => journal.append(record(text), ignore)));
    vi.restoreAllMocks();
    await journal.close();
    expect((await replayed(await openIt())).map(textOf)).toEqual(['one', '', 'three']);
  });

  it('does not take a failed sync for durable', async () => {
    const journal = await openIt();
    const methods = await fileMethods();
    const writev = methods.writev;
    const syncFails = (): Error => Object.assign(new Error('i/o error'), { code: 'EIO' });
    // Where files sync as they are written, that is a write which fails although the bytes are in the file.
    if (SYNCS_WHILE_WRITING) {
      vi.spyOn(methods, 'writev').mockImplementationOnce(async function (this: unknown, parts, position) {
        await writev.call(this, parts, position);
        throw syncFails();
      });
    } else {
      vi.spyOn(methods, 'datasync').mockRejectedValueOnce(syncFails());
    }
    expect(await journal.append(record('lost'), ignore)).toMatchObject({ refused: 'journal-unavailable' });
    await journal.append(record('kept'), ignore);
    await journal.close();
    expect((await replayed(await openIt())).map(textOf)).toEqual(['kept']);
  });

  it('refuses while no new segment can be made, and goes on when one can', async () => {
    const journal = await openIt();
    await journal.append(record('a'), ignore);
    await symlink('/dev/full', segmentPath(directory, 2));
    expect(await journal.seal()).toBe(1);
    const refused = await journal.append(record('b'), ignore);
    expect(refused).toMatchObject({ refused: 'journal-unavailable', cause: { code: 'ENOSPC' } });
    await rm(segmentPath(directory, 2));
    expect(await journal.append(record('c'), ignore)).toEqual({ segment: 2 });
  });
});

describe('a start after a crash', () => {
  it('keeps every acknowledged record at any length of the torn tail', async () => {
    const journal = await openIt();
    const sizes: number[] = [];
    const path = segmentPath(directory, 1);
    for (const text of ['first', 'second', '', 'OPHR in the payload']) {
      await journal.append(record(text), ignore);
      sizes.push((await stat(path)).size);
    }
    await journal.close();
    const whole = await readFile(path);
    const from = sizes[0] ?? 0;
    for (let length = 0; length <= whole.length; length++) {
      if (length > 20 && length < from) continue;
      await rm(directory, { recursive: true });
      await mkdir(directory);
      await writeFile(path, whole.subarray(0, length));
      const damages: JournalDamage[] = [];
      const again = await openFileJournal({ directory, onDamage: (damage) => damages.push(damage) });
      const expected = sizes.filter((size) => size <= length).length;
      expect((await replayed(again)).map(textOf)).toEqual(
        ['first', 'second', '', 'OPHR in the payload'].slice(0, expected),
      );
      const isClean = length === 0 || length === 32 || sizes.includes(length);
      expect(damages.map(({ type }) => type)).toEqual(isClean ? [] : ['torn-tail-cut']);
      expect(await again.append(record('new'), ignore)).toEqual({ segment: expected === 0 ? 1 : 2 });
      await again.close();
    }
  });

  it('reports damage in the middle, and keeps what stands behind it', async () => {
    const journal = await openIt();
    const sizes = [32];
    for (const text of ['one', 'two', 'three']) {
      await journal.append(record(text), ignore);
      sizes.push((await stat(segmentPath(directory, 1))).size);
    }
    await journal.close();
    const bytes = await readFile(segmentPath(directory, 1));
    const at = sizes[1] ?? 0;
    for (let offset = at; offset < (sizes[2] ?? 0); offset++) {
      const damaged = Buffer.from(bytes);
      damaged[offset] = (damaged[offset] ?? 0) ^ 0xff;
      await writeFile(segmentPath(directory, 1), damaged);
      const damages: JournalDamage[] = [];
      const again = await openFileJournal({ directory, onDamage: (damage) => damages.push(damage) });
      expect((await replayed(again)).map(textOf)).toEqual(['one', 'three']);
      const lost = (sizes[2] ?? 0) - at;
      expect(damages).toEqual([{ type: 'records-damaged', segment: 1, offset: at, sizeBytes: lost }]);
      expect(again.statistics().damagedBytes).toBe(lost);
      await again.close();
    }
  });

  it('sets aside a file whose head is unreadable, and does not give its number again', async () => {
    const journal = await openIt();
    await journal.append(record('gone'), ignore);
    await journal.close();
    const path = segmentPath(directory, 1);
    const bytes = await readFile(path);
    bytes[8] = (bytes[8] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const onDamage = vi.fn();
    const again = await openIt({ onDamage });
    expect(onDamage).toHaveBeenCalledWith({
      type: 'segment-set-aside',
      segment: 1,
      path: `${path}.damaged`,
      sizeBytes: bytes.length,
    });
    expect(await readFile(`${path}.damaged`)).toEqual(bytes);
    expect(await again.append(record('x'), ignore)).toEqual({ segment: 2 });
  });

  it('leaves a journal alone that a newer version has written', async () => {
    const journal = await openIt();
    await journal.append(record('later'), ignore);
    await journal.close();
    const path = segmentPath(directory, 1);
    const bytes = await readFile(path);
    bytes.writeUInt32LE(3, 4);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 28)), 28);
    await writeFile(path, bytes);
    await expect(openIt()).rejects.toThrow(/format 3, .* reads format 2: .* OPHION_DATA_DIR/);
    expect(await readFile(path)).toEqual(bytes);
  });

  it('reads records larger than its window, and a false start across the edge of one', async () => {
    const journal = await openIt();
    // Each record begins with its file's salt; a request that guessed it must not pass for records either.
    const salt = (await readFile(segmentPath(directory, 1))).subarray(8, 12);
    const large = Buffer.alloc(2_800_001, salt);
    await journal.append(record('a'), ignore);
    await journal.append({ ...record(''), bytes: large }, ignore);
    await journal.append(record('z'), ignore);
    await journal.close();
    const again = await openIt();
    expect((await replayed(again)).map(({ bytes }) => bytes.length)).toEqual([1, large.length, 1]);
    await again.close();
    const path = segmentPath(directory, 1);
    const bytes = await readFile(path);
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    await writeFile(path, bytes);
    expect((await replayed(await openIt())).map(textOf)).toEqual(['a', 'z']);
  });

  it('has every acknowledged record in order, once, for any appends, bounds and moment', async () => {
    const appends = fc.array(
      fc.record({
        text: fc.string({ maxLength: 60 }),
        itemCount: fc.integer({ min: 0, max: 9 }),
        step: fc.constantFrom('together', 'wait', 'seal', 'release'),
      }),
      { minLength: 1, maxLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(appends, fc.nat({ max: 120 }), async (steps, tornBytes) => {
        const home = await mkdtemp(join(tmpdir(), 'ophion-journal-'));
        const options = { directory: home, maxSegmentItems: 12, maxSegmentBytes: 600, commitIntervalMs: 0 };
        try {
          const journal = await openFileJournal(options);
          const delivered: string[] = [];
          const released = new Set<number>();
          const waiting: Promise<unknown>[] = [];
          for (const [i, { text, itemCount, step }] of steps.entries()) {
            const name = `${i} ${text}`;
            waiting.push(
              journal.append(record(name, itemCount), (segment) => delivered.push(`${segment}:${name}`)),
            );
            if (step !== 'together') await Promise.all(waiting.splice(0));
            if (step === 'seal') await journal.seal();
            const oldest = journal.pending()[0];
            if (step !== 'release' || !oldest) continue;
            await journal.release(oldest.number);
            released.add(oldest.number);
          }
          await Promise.all(waiting);
          await journal.close();
          // A write that the crash cut short: garbage behind the last file's good end.
          const last =
            (await readdir(home))
              .filter((name) => name.endsWith('.segment'))
              .sort()
              .at(-1) ?? '';
          const { size } = await stat(join(home, last));
          await truncate(join(home, last), size + tornBytes);
          const again = await openFileJournal(options);
          const found = (await replayed(again)).map((each) => `${each.segment}:${textOf(each)}`);
          await again.close();
          expect(found).toEqual(delivered.filter((each) => !released.has(Number.parseInt(each))));
        } finally {
          await rm(home, { recursive: true, force: true });
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('digests', () => {
  const HOUR_MS = 3_600_000;
  const known = (text: string, receivedAtUnixMs = 1_000): JournalRecord => ({
    ...record(text),
    receivedAtUnixMs,
  });
  const openAt = async (
    nowMs: number,
    options: Partial<FileJournalOptions> = {},
  ): Promise<{ readonly journal: Journal; readonly found: string[] }> => {
    const digests: FoundDigest[] = [];
    const journal = await openIt({
      keepDigestsMs: HOUR_MS,
      now: () => nowMs,
      onDigest: (each: FoundDigest) => digests.push({ ...each, digest: Uint8Array.from(each.digest) }),
      ...options,
    });
    const found = digests.map(({ segment, digest }) => {
      const isIt = (text: string): boolean => Buffer.compare(journal.digest(record(text)), digest) === 0;
      return `${segment}:${['a', 'b', 'c', 'd'].find(isIt) ?? 'unknown'}`;
    });
    return { journal, found };
  };

  it('of released segments and of those that are not come back after a restart, oldest first', async () => {
    const { journal, found } = await openAt(1_000);
    expect(found).toEqual([]);
    for (const text of ['a', 'b']) await journal.append(known(text), ignore);
    await journal.seal();
    await journal.append(known('c'), ignore);
    await journal.seal();
    await journal.append(known('d'), ignore);
    await journal.release(1);
    await journal.close();
    const again = await openAt(2_000);
    expect(again.found).toEqual(['1:a', '1:b', '2:c', '3:d']);
    expect((await replayed(again.journal)).map(textOf)).toEqual(['c', 'd']);
    await again.journal.release(2);
    await again.journal.release(3);
    await again.journal.close();
    // Segment 3 was never sealed: what its requests are known by was saved at the start.
    expect((await openAt(3_000)).found).toEqual(['1:a', '1:b', '2:c', '3:d']);
  });

  it('are forgotten when they are too old or too many, but never before their segment', async () => {
    const { journal } = await openAt(1_000, { maxKeptDigests: 3 });
    for (const [i, text] of ['a', 'b', 'c', 'd'].entries()) {
      await journal.append(known(text, 1_000 * i), ignore);
      await journal.seal();
    }
    for (const segment of [2, 3, 4]) await journal.release(segment);
    expect((await readdir(directory)).filter((name) => name.endsWith('.digests'))).toHaveLength(4);
    await journal.release(1);
    await journal.close();
    const later = await openAt(1_500 + HOUR_MS);
    expect(later.found).toEqual(['3:c', '4:d']);
    expect((await readdir(directory)).filter((name) => name.endsWith('.digests'))).toHaveLength(2);
  });

  it('differ by signal, encoding and each byte, and are the same after a restart', async () => {
    const first = await openIt();
    const all: JournalRecord[] = [
      record('abc'),
      record('abd'),
      record(''),
      record('\0'),
      { ...record('abc'), signal: 'logs' },
      { ...record('abc'), encoding: 'json' },
    ];
    const texts = (journal: Journal): string[] =>
      all.map((each) => Buffer.from(journal.digest(each)).toString('hex'));
    const before = texts(first);
    expect(new Set(before).size).toBe(all.length);
    expect(first.digest(known('abc', 5))).toEqual(first.digest(record('abc')));
    await first.close();
    const second = await openIt();
    expect(texts(second)).toEqual(before);
    await second.append(record('x'), ignore);
    await second.seal();
    await second.release(1);
    await second.close();
    expect(texts(await openIt())).toEqual(before);
  });

  it('that cannot be read are thrown away', async () => {
    const { journal } = await openAt(1_000);
    await journal.append(known('a'), ignore);
    await journal.seal();
    await journal.release(1);
    await journal.close();
    const path = segmentPath(directory, 1).replace('.segment', '.digests');
    const bytes = await readFile(path);
    for (const broken of [bytes.subarray(0, bytes.length - 1), bytes.subarray(0, 3), Buffer.alloc(0)]) {
      await writeFile(path, broken);
      const { journal: again, found } = await openAt(1_000);
      expect(found).toEqual([]);
      await again.close();
      await expect(stat(path)).rejects.toThrow('ENOENT');
    }
  });
});

/** What every mode does alike. */
describe.each(['fsync', 'os', 'off'] as const)('a journal in mode %s', (mode) => {
  const openMode = async (startAbove = 0): Promise<Journal> => {
    const shared = { directory, startAbove, maxSegmentItems: 10, maxSegmentAgeMs: 40 };
    const journal =
      mode === 'off'
        ? await openMemoryJournal(shared)
        : await openFileJournal({ ...shared, durability: mode });
    opened.push(journal);
    return journal;
  };

  it('delivers in order before it resolves, and seals at its bounds after all deliveries', async () => {
    const journal = await openMode();
    const events: string[] = [];
    journal.onSealed(({ number, itemCount }) => events.push(`sealed ${number} ${itemCount}`));
    await Promise.all(
      [4, 4, 4, 1].map((items) =>
        journal
          .append(record('x', items), (segment) => events.push(`in ${segment}`))
          .then(() => events.push('ack')),
      ),
    );
    expect(events.filter((event) => event !== 'ack')).toEqual([
      'in 1',
      'in 1',
      'in 1',
      'sealed 1 12',
      'in 2',
    ]);
    await vi.waitFor(() => {
      expect(events.at(-1)).toBe('sealed 2 1');
    });
    expect(journal.pending().map(({ number }) => number)).toEqual([1, 2]);
    await journal.release(1);
    expect(journal.pending().map(({ number }) => number)).toEqual([2]);
    expect(journal.statistics()).toMatchObject({ appendedRecords: 4, pendingSegments: 1 });
    expect(journal.statistics().releasedBytes).toBeGreaterThan(0);
    expect(journal.canRead(2)).toBe(mode !== 'off');
  });

  it('rejects with what a delivery throws, and refuses after close', async () => {
    const journal = await openMode();
    const failing = journal.append(record('a'), () => {
      throw new Error('a bug');
    });
    await expect(failing).rejects.toThrow('a bug');
    expect(await journal.append(record('b'), ignore)).toEqual({ segment: 1 });
    await journal.close();
    expect(await journal.append(record('late'), ignore)).toMatchObject({ refused: 'journal-unavailable' });
  });

  it('starts above every number that may have been used', async () => {
    const first = await openMode(6);
    // A journal that was lost may have put half of segment 7 into the archive.
    expect(await first.append(record('x'), ignore)).toEqual({ segment: mode === 'off' ? 7 : 8 });
    await first.close();
    const second = await openMode(6);
    expect(second.pending().map(({ number }) => number)).toEqual(mode === 'off' ? [] : [8]);
    // With nothing on the disk, what the archive has seen is all that is known.
    expect(await second.append(record('x'), ignore)).toEqual({ segment: mode === 'off' ? 7 : 9 });
  });
});

describe('a journal in mode off', () => {
  it('writes nothing, and gives back what a journal of files left', async () => {
    const files = await openIt();
    await files.append(record('left'), ignore);
    await files.close();
    const options = { directory, startAbove: 0, maxSegmentItems: 10, maxSegmentAgeMs: 60_000 };
    const journal = await openMemoryJournal(options);
    opened.push(journal);
    expect((await replayed(journal)).map(textOf)).toEqual(['left']);
    expect(journal.canRead(1)).toBe(true);
    await expect(openMemoryJournal(options)).rejects.toMatchObject({ code: 'DATA_DIR_UNUSABLE' });
    expect(await journal.append(record('forgotten'), ignore)).toEqual({ segment: 2 });
    expect(await journal.seal()).toBe(2);
    await expect(replayed(journal)).rejects.toThrow('segment 2 was never written');
    await journal.release(1);
    expect((await readdir(directory)).filter((name) => name.endsWith('.segment'))).toEqual([]);
    await rm(directory, { recursive: true, force: true });
    const bare = await openMemoryJournal(options);
    expect(await bare.append(record('x'), ignore)).toEqual({ segment: 1 });
    await bare.close();
    await expect(readdir(directory)).rejects.toThrow('ENOENT');
  });
});
