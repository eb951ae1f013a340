import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { z } from 'zod';
import { auditEntry, type AuditEntryJson } from '../../proto/api/index.ts';
import { auditJson } from '../api/access/index.ts';
import { spreadsheetCell } from '../api/formats/index.ts';
import type { Verification } from '../audit/index.ts';
import { EXIT, textOption, UsageError, type Command } from './command.ts';
import { withInstallation } from './open-installation.ts';
import { answerOf, remoteOf, URL_HELP, URL_OPTION, type RemoteInstallation } from './remote-installation.ts';

const verifyCommand: Command = {
  name: 'audit verify',
  arguments: [],
  summary: 'check that the audit log is as it was written; exit code 1 when it is not',
  help: 'Walks the whole chain: each entry holds the hash of the one before. Names the first that is not as it was.',
  options: URL_OPTION,
  optionHelp: URL_HELP,
  async run({ options, io }) {
    const remote = remoteOf(options, io);
    const found = remote
      ? verificationOf(await remote.ask('GET', '/api/v1/audit/verification'))
      : await withInstallation(io, ({ audit }) => audit.verify());
    if (!found.intact) {
      io.write(`broken at entry ${found.sequence}: ${found.reason}\n`);
      return EXIT.no;
    }
    const cut = found.cutAt === 0 ? '' : `; those up to ${found.cutAt} were removed by retention, on record`;
    io.write(`intact: ${found.entries} entries${cut}\n`);
    return EXIT.done;
  },
};

const verification = z.union([
  z.object({ intact: z.literal(true), entries: z.int(), cutAt: z.int() }),
  z.object({ intact: z.literal(false), brokenAt: z.int(), reason: z.string() }),
]);

function verificationOf(answer: unknown): Verification {
  const found = answerOf(verification, answer);
  return found.intact ? found : { intact: false, sequence: found.brokenAt, reason: found.reason };
}

const exportCommand: Command = {
  name: 'audit export',
  arguments: [],
  summary: 'write the whole audit log, oldest first',
  help:
    'One entry a line, as JSON or CSV, each with its hash and that of the one before: the same lines with and without --url.\n' +
    'Of an installation that runs it is asked page by page, with what is put on record meanwhile; the key needs the permission\n' +
    'audit:read, as one with the scope admin of an administrator has it.',
  options: { ...URL_OPTION, format: { type: 'string' }, output: { type: 'string' } },
  optionHelp: {
    ...URL_HELP,
    format: 'ndjson (as without it) or csv',
    output: 'file to write instead of standard output',
  },
  async run({ options, io }) {
    const format = textOption(options, 'format') ?? 'ndjson';
    if (format !== 'ndjson' && format !== 'csv') throw new UsageError('--format is ndjson or csv');
    const remote = remoteOf(options, io);
    const output = textOption(options, 'output');
    const file = output === undefined ? undefined : createWriteStream(output, { mode: 0o600 });
    if (file) await once(file, 'open');
    const write = async (text: string): Promise<void> => {
      if (!file) io.write(text);
      else if (!file.write(text)) await once(file, 'drain');
    };
    const writeAll = async (entries: AsyncIterable<AuditEntryJson>): Promise<void> => {
      if (format === 'csv') await write(`${FIELDS.join(',')}\r\n`);
      for await (const entry of entries) await write(format === 'csv' ? csvOf(entry) : jsonOf(entry));
    };
    if (remote) await writeAll(entriesOf(remote));
    else await withInstallation(io, ({ audit }) => writeAll(mapped(audit.entries(), auditJson)));
    if (file) {
      file.end();
      await once(file, 'finish');
    }
    return EXIT.done;
  },
};

const page = z.object({ entries: z.array(auditEntry), nextCursor: z.string().nullable() });

/** Oldest first, to the newest that there is when its page is asked for. */
async function* entriesOf(remote: RemoteInstallation): AsyncGenerator<AuditEntryJson, void> {
  let cursor: string | null = null;
  do {
    const from: string = cursor === null ? '' : `&cursor=${cursor}`;
    const path = `/api/v1/audit?order=oldest&limit=${PAGE}${from}`;
    const { entries, nextCursor }: z.output<typeof page> = answerOf(page, await remote.ask('GET', path));
    yield* entries;
    cursor = nextCursor;
  } while (cursor !== null);
}

async function* mapped<From, To>(all: AsyncIterable<From>, map: (one: From) => To): AsyncGenerator<To, void> {
  for await (const one of all) yield map(one);
}

export const AUDIT_COMMANDS = [verifyCommand, exportCommand] as const;

/** Entries that are asked for at a time. */
const PAGE = 500;
const FIELDS = [
  'sequence',
  'at',
  'actor',
  'action',
  'target',
  'outcome',
  'address',
  'detail',
  'previous',
  'hash',
] as const;

function valuesOf(entry: AuditEntryJson): Readonly<Record<(typeof FIELDS)[number], unknown>> {
  const { atUnixMs, ...others } = entry;
  return { ...others, at: new Date(atUnixMs).toISOString() };
}

function jsonOf(entry: AuditEntryJson): string {
  const values = valuesOf(entry);
  return `${JSON.stringify(Object.fromEntries(FIELDS.map((field) => [field, values[field]])))}\n`;
}

function csvOf(entry: AuditEntryJson): string {
  const values = valuesOf(entry);
  return `${FIELDS.map((field) => csvCell(values[field])).join(',')}\r\n`;
}

function csvCell(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = spreadsheetCell(text);
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
