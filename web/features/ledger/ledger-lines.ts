import type { LedgerEntryJson } from '../../../proto/api/index.ts';

export type Tone = 'ok' | 'plain' | 'warn' | 'error';

export interface LedgerLine {
  readonly label: string;
  readonly items: number;
  readonly tone: Tone;
  /** What it means, for those who have not seen the word. */
  readonly about: string;
  /** Reasons, most first. */
  readonly parts: readonly { readonly label: string; readonly items: number }[];
}

const REASONS: Readonly<Record<string, string>> = {
  'trace-id-invalid': 'trace id is not 16 bytes, or all zero',
  'span-id-invalid': 'span id is not 8 bytes, or all zero',
  'parent-span-id-invalid': 'parent span id is not 8 bytes',
  'name-missing': 'no name',
  'end-before-start': 'ends before it starts',
  'bucket-counts-mismatch': 'bucket counts do not fit the bounds',
  'value-out-of-range': 'a value is out of range',
  undecodable: 'request was not OTLP',
  'window-full': 'memory was full',
  'memory-full': 'memory was full',
  'in-flight-full': 'too much was being written',
  'journal-full': 'journal was full',
  'journal-unavailable': 'journal could not be written',
};

function partsOf(byReason: Readonly<Record<string, number>>): LedgerLine['parts'] {
  return Object.entries(byReason)
    .map(([reason, items]) => ({ label: REASONS[reason] ?? reason, items }))
    .sort((one, other) => other.items - one.items);
}

const sum = (parts: LedgerLine['parts']) => parts.reduce((total, { items }) => total + items, 0);

/** What became of all that was sent; the items add up to `sent`. */
export function linesOfSent(entry: LedgerEntryJson): LedgerLine[] {
  const rejected = partsOf(entry.rejected);
  const refused = partsOf(entry.refused);
  const lines: LedgerLine[] = [
    { label: 'Accepted', items: entry.accepted, tone: 'ok', about: 'durable before the reply', parts: [] },
    {
      label: 'Rejected',
      items: sum(rejected),
      tone: 'error',
      about: 'invalid; the sender was told and must not try again',
      parts: rejected,
    },
    {
      label: 'Refused',
      items: sum(refused),
      tone: 'warn',
      about: 'nothing was kept; the sender was asked to try again later',
      parts: refused,
    },
    {
      label: 'Repeated',
      items: entry.repeated,
      tone: 'plain',
      about: 'sent again after a lost reply; already accepted, kept once',
      parts: [],
    },
    { label: 'In flight', items: entry.inFlight, tone: 'plain', about: 'being written now', parts: [] },
  ];
  if (entry.unexplained !== 0) {
    const about = 'the books do not account for these';
    lines.push({ label: 'Unexplained', items: entry.unexplained, tone: 'error', about, parts: [] });
  }
  return lines;
}

/** Where the accepted items are; they add up to `accepted + replayed`. */
export function linesOfKept(entry: LedgerEntryJson): LedgerLine[] {
  return [
    { label: 'Archived', items: entry.archived, tone: 'ok', about: 'acknowledged by ClickHouse', parts: [] },
    {
      label: 'Waiting',
      items: entry.waiting,
      tone: 'plain',
      about: 'safe in the journal until then',
      parts: [],
    },
  ];
}
