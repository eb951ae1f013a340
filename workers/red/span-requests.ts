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

/** Called once a request; arguments instead of an object because this runs for every row. */
type RequestVisitor = (
  /** Code of the span's name in the batch's `strings`. */
  operation: number,
  /** Unix seconds in which the span ended. */
  second: number,
  durationNano: number,
  bucket: number,
  isError: boolean,
  row: number,
) => void;

/**
 * The requests among a batch's spans: server and consumer spans, and spans of any kind without a parent, so that
 * services that only start traces (cron jobs, browsers) have figures too.
 */
export function forEachRequest(batch: Batch<'traces'>, visit: RequestVisitor): void {
  const { kind, parentSpanId, startTimeUnixNano, durationNano, name, statusCode } = batch.columns;
  const starts = wordsOf(startTimeUnixNano);
  const durations = wordsOf(durationNano);
  const parents = new Uint32Array(parentSpanId.buffer, parentSpanId.byteOffset, batch.rowCount * 2);
  for (let row = 0; row < batch.rowCount; row += 1) {
    const hasParent = parents[2 * row] !== 0 || parents[2 * row + 1] !== 0;
    if (hasParent && !isRequestKind(kind[row] ?? 0)) continue;
    const duration = Math.max(0, signedAt(durations, row));
    const second = Math.floor((unsignedAt(starts, row) + duration) / 1e9);
    const isError = statusCode[row] === STATUS_ERROR;
    visit(name[row] ?? 0, second, duration, durationBucket(duration), isError, row);
  }
}
