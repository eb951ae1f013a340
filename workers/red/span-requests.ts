// Hot: receive → window. Bench: bench/ingest.
import type { Batch } from '../../proto/columns/index.ts';
import { durationBucket } from './duration-bucket.ts';
import { signedAt, unsignedAt, wordsOf } from './words.ts';

const SERVER = 2;
const CONSUMER = 5;
export const STATUS_ERROR = 2;

/** Whether spans of this kind are requests although they have a parent. */
export function isRequestKind(kind: number): boolean {
  return kind === SERVER || kind === CONSUMER;
}

/** Requests of a batch, an element each up to `count`; beyond it, what was there before. */
export interface SpanRequests {
  readonly count: number;
  /** Where they are in the batch, ascending. */
  readonly rows: Uint32Array;
  /** Codes of the spans' names in the batch's `strings`. */
  readonly operations: Uint32Array;
  /** Unix seconds in which the spans ended. */
  readonly seconds: Float64Array;
  readonly durationsNano: Float64Array;
  /** See `durationBucket`. */
  readonly buckets: Uint16Array;
  /** 1 where the span failed. */
  readonly errors: Uint8Array;
}

function roomFor(rows: number): Omit<SpanRequests, 'count'> {
  return {
    rows: new Uint32Array(rows),
    operations: new Uint32Array(rows),
    seconds: new Float64Array(rows),
    durationsNano: new Float64Array(rows),
    buckets: new Uint16Array(rows),
    errors: new Uint8Array(rows),
  };
}

let room = roomFor(1_024);

/**
 * The requests among a batch's spans: server and consumer spans, and spans of any kind without a parent, so that
 * services that only start traces (cron jobs, browsers) have figures too. They hold until the next call.
 */
export function readRequests(batch: Batch<'traces'>): SpanRequests {
  const { kind, parentSpanId, startTimeUnixNano, durationNano, name, statusCode } = batch.columns;
  const starts = wordsOf(startTimeUnixNano);
  const lengths = wordsOf(durationNano);
  const parents = new Uint32Array(parentSpanId.buffer, parentSpanId.byteOffset, batch.rowCount * 2);
  if (room.rows.length < batch.rowCount) room = roomFor(batch.rowCount);
  const { rows, operations, seconds, durationsNano, buckets, errors } = room;
  let count = 0;
  for (let row = 0; row < batch.rowCount; row += 1) {
    const hasParent = parents[2 * row] !== 0 || parents[2 * row + 1] !== 0;
    if (hasParent && !isRequestKind(kind[row] ?? 0)) continue;
    const duration = Math.max(0, signedAt(lengths, row));
    rows[count] = row;
    operations[count] = name[row] ?? 0;
    seconds[count] = Math.floor((unsignedAt(starts, row) + duration) / 1e9);
    durationsNano[count] = duration;
    buckets[count] = durationBucket(duration);
    errors[count] = statusCode[row] === STATUS_ERROR ? 1 : 0;
    count += 1;
  }
  return { count, rows, operations, seconds, durationsNano, buckets, errors };
}
