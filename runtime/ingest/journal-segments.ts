import { setImmediate as nextTurn } from 'node:timers/promises';

import type { SegmentSource } from '../../actors/ports/index.ts';
import type { Decoder } from '../../workers/decode/index.ts';
import type { Journal, JournalRecord } from '../journal/index.ts';
import { decodeRequest } from './decode-request.ts';

export interface JournalSegmentsOptions {
  readonly journal: Pick<Journal, 'read' | 'canRead'>;
  readonly decoder: Decoder;
  /** It was decoded before it was written: only another version of the decoder can think otherwise. */
  readonly onUndecodable: (segment: number, record: JournalRecord, reason: string) => void;
}

/** Between two turns of the event loop; a few milliseconds. */
const TURN_ITEMS = 2_048;
/** What a request costs beside its items, in items. */
const REQUEST_ITEMS = 16;

/** Segments of the journal, decoded again. */
export function journalSegments({ journal, decoder, onUndecodable }: JournalSegmentsOptions): SegmentSource {
  return {
    async *read(segment) {
      let sinceTurn = 0;
      for await (const record of journal.read(segment)) {
        const decoded = decodeRequest(decoder, record.signal, record.bytes, record.encoding);
        if (typeof decoded === 'string') onUndecodable(segment, record, decoded);
        else yield decoded.batches;
        sinceTurn += record.itemCount + REQUEST_ITEMS;
        if (sinceTurn < TURN_ITEMS) continue;
        sinceTurn = 0;
        await nextTurn();
      }
    },
    has: (segment) => journal.canRead(segment),
  };
}
