import { describe, expect, it } from 'vitest';
import type { LedgerEntryJson } from '../../../proto/api/index.ts';
import { linesOfKept, linesOfSent } from './ledger-lines.ts';

const ENTRY: LedgerEntryJson = {
  requests: 9,
  undecodableRequests: 1,
  sent: 1_000,
  inFlight: 10,
  accepted: 800,
  rejected: { 'name-missing': 3, undecodable: 7 },
  refused: { 'journal-full': 150 },
  repeated: 30,
  unexplained: 0,
  replayed: 50,
  archived: 600,
  waiting: 250,
};

const total = (lines: readonly { items: number }[]) => lines.reduce((sum, { items }) => sum + items, 0);

describe('the lines of the ledger', () => {
  it('add up to what was sent and to what was accepted', () => {
    expect(total(linesOfSent(ENTRY))).toBe(ENTRY.sent);
    expect(total(linesOfKept(ENTRY))).toBe(ENTRY.accepted + ENTRY.replayed);
  });

  it('give reasons in words, most first, and unknown ones as they are', () => {
    const rejected = linesOfSent({ ...ENTRY, rejected: { 'name-missing': 3, undecodable: 7, odd: 1 } })[1];
    expect(rejected).toMatchObject({
      items: 11,
      parts: [
        { label: 'request was not OTLP', items: 7 },
        { label: 'no name', items: 3 },
        { label: 'odd', items: 1 },
      ],
    });
  });

  it('name what the books do not account for', () => {
    expect(linesOfSent({ ...ENTRY, unexplained: 2 }).at(-1)).toMatchObject({
      label: 'Unexplained',
      items: 2,
      tone: 'error',
    });
  });
});
