// Hot: once a row. Bench: bench/hot-query.
import type { Batch, ServiceBatch } from '../../proto/columns/index.ts';
import type {
  LogPosition,
  SearchExpression,
  SearchSignal,
  SpanHit,
  TimeRange,
} from '../../proto/query/index.ts';
import { idHex } from '../json/index.ts';
import { TraceIdSet } from '../scan/index.ts';
import { FirstSpans } from './first-spans.ts';
import { NewestRows, type FoundRow, type RowOrder } from './newest-rows.ts';
import { ResourceRows } from './resource-rows.ts';
import { RowSelection, timeWords } from './row-selection.ts';

interface FindInput {
  readonly search: SearchExpression;
  readonly range: TimeRange;
  readonly limit: number;
}

export interface FindTracesInput extends FindInput {
  /** Only spans behind this place: older, or of the same moment and of a greater trace id. */
  readonly after?: SpanHit | undefined;
  /** Only spans of these traces. */
  readonly among?: readonly string[] | undefined;
}

export interface FindLogsInput extends FindInput {
  readonly after?: LogPosition;
  /** By the caller's places: of the batch, and of its first row. */
  readonly segments: Float64Array;
  readonly firstOrdinals: Float64Array;
  /** The other way round: the oldest, oldest first, and in front of `after` in the order of answers. */
  readonly isOldestFirst?: boolean;
  /** Only what this resource sent: the bytes of its entry. */
  readonly resource?: Uint8Array;
}

/** Rows by the caller's places for their batches. */
export interface RowPlaces {
  readonly places: Uint32Array;
  readonly rows: Uint32Array;
  readonly timesUnixNano: BigUint64Array;
}

export interface TraceHits {
  /** Lower-case hex. */
  readonly traceIds: readonly string[];
  /** Of the trace's newest span that was found. */
  readonly timesUnixNano: BigUint64Array;
}

export interface PlacedBatch extends ServiceBatch {
  readonly place: number;
}

interface Walk {
  readonly batches: Iterable<PlacedBatch>;
}

/** The newest traces with a span that is meant, each by its newest such span, newest first. */
export function findTraces(input: FindTracesInput, { batches }: Walk): TraceHits {
  const { after, among } = input;
  const ids = among && new TraceIdSet(among);
  const rows = newest(input, 'traces', batches, {
    direction: 1,
    keyOf: (batch, row) => idHex((batch as Batch<'traces'>).columns.traceId, 16, row),
    segmentOf: () => 0,
    ...(ids && { rowsOf: (batch) => ids.rows((batch as Batch<'traces'>).columns.traceId, batch.rowCount) }),
    ...(after && {
      after: { ...wordsOf(after.startTimeUnixNano), key: after.traceId, segment: 0, ordinal: 0 },
    }),
  });
  return { traceIds: rows.map(({ key }) => key), timesUnixNano: timesOf(rows, 1) };
}

/** The newest log records that are meant, newest first; or the oldest. */
export function findLogs(input: FindLogsInput, { batches }: Walk): RowPlaces {
  const { after, segments, firstOrdinals, resource } = input;
  const direction = input.isOldestFirst === true ? -1 : 1;
  const ofResource = resource && new ResourceRows(resource);
  const rows = newest(input, 'logs', batches, {
    direction,
    keyOf: () => '',
    segmentOf: (place) => segments[place] ?? 0,
    ordinalOf: (place, row) => (firstOrdinals[place] ?? 0) + row,
    ...(ofResource && { rowsOf: (batch) => ofResource.rows(batch) }),
    ...(after && {
      after: {
        hi: direction * wordsOf(after.timeUnixNano).hi,
        lo: direction * wordsOf(after.timeUnixNano).lo,
        key: '',
        segment: direction * after.segment,
        ordinal: direction * after.ordinal,
      },
    }),
  });
  return {
    places: Uint32Array.from(rows, ({ place }) => place),
    rows: Uint32Array.from(rows, ({ row }) => row),
    timesUnixNano: timesOf(rows, direction),
  };
}

/** Spans of these traces, in no particular order; of more than `limit` those that start first, then by id. */
export function findSpansOf(
  { traceIds, limit }: { readonly traceIds: readonly string[]; readonly limit: number },
  { batches }: Walk,
): Pick<RowPlaces, 'places' | 'rows'> {
  const ids = new TraceIdSet(traceIds);
  const found = new FirstSpans(limit);
  for (const { place, batch } of batches) {
    const spans = batch as Batch<'traces'>;
    for (const row of ids.rows(spans.columns.traceId, spans.rowCount)) found.add(spans, place, row);
  }
  return found.take();
}

interface Wanted {
  /** −1: times, segments and ordinals are taken with the other sign, so that the oldest row is the newest. */
  readonly direction: 1 | -1;
  readonly keyOf: (batch: Batch, row: number) => string;
  readonly segmentOf: (place: number) => number;
  readonly ordinalOf?: (place: number, row: number) => number;
  /** The rows worth looking at; all without it. */
  readonly rowsOf?: (batch: Batch) => readonly number[];
  readonly after?: RowOrder;
}

function newest(
  { search, range, limit }: FindInput,
  signal: SearchSignal,
  batches: Iterable<PlacedBatch>,
  wanted: Wanted,
): readonly FoundRow[] {
  const selection = new RowSelection(search, signal, range);
  const found = new NewestRows(limit, wanted.after);
  for (const part of batches) {
    const { batch } = part;
    const { direction } = wanted;
    const { hi, lo } = wordsOf(direction === 1 ? batch.maxTimeUnixNano : batch.minTimeUnixNano);
    if (found.isTooOld(direction * hi, direction * lo)) continue;
    const rows = wanted.rowsOf?.(batch);
    if (rows?.length === 0 || selection.select(part) === 0) continue;
    collect(found, part, selection.mask, wanted, rows);
  }
  return found.take();
}

/** The newest rows of a batch are mostly its last. */
function collect(
  found: NewestRows,
  { place, batch }: PlacedBatch,
  mask: Uint8Array,
  { direction, keyOf, segmentOf, ordinalOf }: Wanted,
  rows: readonly number[] | undefined,
): void {
  const words = timeWords(batch);
  const segment = direction * segmentOf(place);
  for (let index = (rows?.length ?? batch.rowCount) - 1; index >= 0; index -= 1) {
    const row = rows ? (rows[index] ?? 0) : index;
    if (mask[row] === 0) continue;
    const lo = direction * (words[2 * row] ?? 0);
    const hi = direction * (words[2 * row + 1] ?? 0);
    if (found.isOutside(hi, lo)) continue;
    const ordinal = direction * (ordinalOf?.(place, row) ?? 0);
    found.add({ place, row, hi, lo, key: keyOf(batch, row), segment, ordinal });
  }
}

function wordsOf(timeUnixNano: bigint): { readonly hi: number; readonly lo: number } {
  return { hi: Number(timeUnixNano >> 32n), lo: Number(timeUnixNano & 0xffff_ffffn) };
}

function timesOf(rows: readonly FoundRow[], direction: 1 | -1): BigUint64Array {
  return BigUint64Array.from(rows, ({ hi, lo }) => (BigInt(direction * hi) << 32n) | BigInt(direction * lo));
}
