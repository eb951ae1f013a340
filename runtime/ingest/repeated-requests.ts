import type { AppendOutcome, Journal, JournalRecord } from '../journal/index.ts';
import type { KnownRequests } from './known-requests.ts';

export type RequestOutcome =
  | AppendOutcome
  /** It is durable already, from when it came before: nothing was delivered. */
  | { readonly repeated: true };

/** The journal, as ingest uses it. */
export interface RequestJournal {
  /** As `Journal.append`. */
  append(record: JournalRecord, deliver: (segment: number) => void): Promise<RequestOutcome>;
}

/**
 * A journal that takes each request once: a client that never got its reply sends the same bytes again. One that comes
 * while the first is still being written shares its outcome.
 */
export function recogniseRepeats(
  journal: Pick<Journal, 'append' | 'digest'>,
  known: Pick<KnownRequests, 'has' | 'note'>,
): RequestJournal {
  const underWay = new Map<string, Promise<AppendOutcome>>();

  const appendFirst = async (
    name: string,
    record: JournalRecord & { readonly digest: Uint8Array },
    deliver: (segment: number) => void,
  ): Promise<AppendOutcome> => {
    try {
      const outcome = await journal.append(record, deliver);
      if ('segment' in outcome) known.note(record.digest, outcome.segment, record.receivedAtUnixMs);
      return outcome;
    } finally {
      underWay.delete(name);
    }
  };

  return {
    async append(given, deliver) {
      const digest = journal.digest(given);
      if (known.has(digest)) return { repeated: true };
      const name = Buffer.from(digest).toString('latin1');
      const first = underWay.get(name);
      if (first) {
        const outcome = await first;
        return 'segment' in outcome ? { repeated: true } : outcome;
      }
      const appended = appendFirst(name, { ...given, digest }, deliver);
      underWay.set(name, appended);
      return appended;
    },
  };
}
