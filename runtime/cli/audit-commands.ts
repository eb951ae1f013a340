import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { z } from 'zod';
import { spreadsheetCell } from '../api/formats/index.ts';
import type { AuditEntry, Verification } from '../audit/index.ts';
import { CliError, EXIT, textOption, UsageError, type Command } from './command.ts';
import { withInstallation } from './open-installation.ts';
import { remoteOf, URL_HELP, URL_OPTION } from './remote-installation.ts';

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
  const parsed = verification.safeParse(answer);
  if (!parsed.success) throw new CliError('the answer is not that of an OPHION of this version');
  const { data } = parsed;
  return data.intact ? data : { intact: false, sequence: data.brokenAt, reason: data.reason };
}

const exportCommand: Command = {
  name: 'audit export',
  arguments: [],
  summary: 'write the audit log, oldest first',
  help: 'One entry a line, as JSON or CSV, each with its hash and that of the one before.',
  options: { format: { type: 'string' }, output: { type: 'string' } },
  optionHelp: { format: 'ndjson (as without it) or csv', output: 'file to write instead of standard output' },
  async run({ options, io }) {
    const format = textOption(options, 'format') ?? 'ndjson';
    if (format !== 'ndjson' && format !== 'csv') throw new UsageError('--format is ndjson or csv');
    const output = textOption(options, 'output');
    const file = output === undefined ? undefined : createWriteStream(output, { mode: 0o600 });
    if (file) await once(file, 'open');
    const write = async (text: string): Promise<void> => {
      if (!file) io.write(text);
      else if (!file.write(text)) await once(file, 'drain');
    };
    await withInstallation(io, async ({ audit }) => {
      if (format === 'csv') await write(`${FIELDS.join(',')}\r\n`);
      for await (const entry of audit.entries()) await write(format === 'csv' ? csvOf(entry) : jsonOf(entry));
    });
    if (file) {
      file.end();
      await once(file, 'finish');
    }
    return EXIT.done;
  },
};

export const AUDIT_COMMANDS = [verifyCommand, exportCommand] as const;

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

function valuesOf(entry: AuditEntry): Readonly<Record<(typeof FIELDS)[number], unknown>> {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  return { ...entry, at: entry.at.toISOString(), previous: hex(entry.previous), hash: hex(entry.hash) };
}

function jsonOf(entry: AuditEntry): string {
  const values = valuesOf(entry);
  return `${JSON.stringify(Object.fromEntries(FIELDS.map((field) => [field, values[field]])))}\n`;
}

function csvOf(entry: AuditEntry): string {
  const values = valuesOf(entry);
  return `${FIELDS.map((field) => csvCell(values[field])).join(',')}\r\n`;
}

function csvCell(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = spreadsheetCell(text);
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
