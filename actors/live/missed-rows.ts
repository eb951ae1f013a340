import type { ServiceBatch, ServiceId } from '../../proto/columns/index.ts';
import type { FrameHead } from '../../proto/live/index.ts';
import { Turns } from '../query/index.ts';
import { arrivedRows, type ArrivedRows, type ServiceWindow } from '../service/index.ts';
import type { ServicesMessage, ServicesRef, WindowBudget } from '../services/index.ts';
import type { ActorSystem } from '../system/index.ts';
import type { TailFilter, TailTopic } from './tail-filter.ts';
import { TailRows } from './tail-rows.ts';

/** As many as a page keeps. */
export const MOST_MISSED_ROWS = 2_000;
/** UTF-16 units of messages and bodies: with the rest of the rows it fits what a socket may hold. */
const MOST_TEXT = 2_000_000;
/** A second's work of one thread where the search reads texts. */
const MOST_LOOKED_AT = 1_000_000;

export interface MissedSource {
  readonly system: ActorSystem;
  readonly services: ServicesRef;
  readonly budget: Pick<WindowBudget, 'goneThrough'>;
}

export interface MissedRange {
  /** Arrivals after this one, */
  readonly after: number;
  /** up to this one, which the windows have been told of. */
  readonly through: number;
}

/** The newest rows that match, in order of arrival; `dropped` more match, and yet more may where `isPart`. */
export interface MissedRows {
  readonly rows: TailRows;
  readonly dropped: number;
  readonly isPart: boolean;
}

interface Piece extends ArrivedRows {
  readonly part: ServiceBatch;
}

/** Reads what a tail shows of a range of arrivals from the windows, in turns of the event loop, the newest first. */
export async function readMissedRows(
  { system, services, budget }: MissedSource,
  filter: TailFilter,
  range: MissedRange,
): Promise<MissedRows> {
  const { service } = filter.topic;
  const windows = await system.ask<ServicesMessage, readonly ServiceWindow[]>(services, (reply) => ({
    type: 'snapshot',
    signal: filter.signal,
    afterArrival: range.after,
    ...(service === undefined ? {} : { service: service as ServiceId }),
    reply,
  }));
  // Afterwards: what was gone when the windows were read counts, and a little more may.
  const isGone = budget.goneThrough > range.after;
  const rows = new TailRows(filter.topic.kind);
  const masks = new Map<object, Uint8Array | undefined>();
  const turns = new Turns();
  let [matched, lookedAt] = [0, 0];
  let isFull = false;
  for (const { part, fromRow, toRow } of newestFirst(windows, filter, range)) {
    if (!masks.has(part.batch)) {
      if (lookedAt >= MOST_LOOKED_AT) return { ...finished(rows, matched), isPart: true };
      lookedAt += part.batch.rowCount;
      masks.set(part.batch, filter.select(part)?.slice(0, part.batch.rowCount));
    }
    const mask = masks.get(part.batch);
    for (let row = toRow - 1; mask && row >= fromRow; row -= 1) {
      if (mask[row] === 0) continue;
      matched += 1;
      isFull ||= rows.length >= MOST_MISSED_ROWS || rows.textLength >= MOST_TEXT;
      if (!isFull) rows.add(part, row);
    }
    if (turns.isOver()) await turns.next();
  }
  return { ...finished(rows, matched), isPart: isGone };
}

function finished(rows: TailRows, matched: number): Pick<MissedRows, 'rows' | 'dropped'> {
  rows.reverse();
  return { rows, dropped: matched - rows.length };
}

function newestFirst(
  windows: readonly ServiceWindow[],
  filter: TailFilter,
  { after, through }: MissedRange,
): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const { service, parts } of windows) {
    if (!filter.mayShow(service)) continue;
    for (const windowPart of parts) {
      const part: ServiceBatch = { service, batch: windowPart.batch };
      for (const each of arrivedRows(windowPart)) {
        if (each.arrival > after && each.arrival <= through) pieces.push({ part, ...each });
      }
    }
  }
  return pieces.sort((a, b) => a.arrival - b.arrival).reverse();
}

/** A larger frame is not sent: half of what a socket may hold. */
const MOST_FRAME_BYTES = 8 * 2 ** 20;

/** The frame by which a tail goes on; its rows were left out when they are too large, or could not be read: `undefined`. */
export function missedFrame(
  missed: MissedRows | undefined,
  kind: TailTopic['kind'],
  head: FrameHead,
): Uint8Array {
  const forgotten = { gap: 'forgotten' } as const;
  if (!missed) return new TailRows(kind).frame({ ...head, ...forgotten });
  const { rows, dropped, isPart } = missed;
  const gap = isPart ? forgotten : {};
  const frame = rows.frame({ ...head, dropped: String(dropped), ...gap });
  if (frame.byteLength <= MOST_FRAME_BYTES) return frame;
  return new TailRows(kind).frame({ ...head, dropped: String(dropped + rows.length), ...gap });
}
