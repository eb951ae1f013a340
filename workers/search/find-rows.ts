// Hot: once a row. Bench: bench/hot-query.
import type { Batch, ServiceBatch } from '../../proto/columns/index.ts';
import type { SearchExpression, SearchSignal, TimeRange } from '../../proto/query/index.ts';
import { idHex } from '../json/index.ts';
import { TraceIdSet } from '../scan/index.ts';
import { NewestRows, type FoundRow } from './newest-rows.ts';
import { RowSelection, timeWords } from './row-selection.ts';

export interface FindInput {
  readonly search: SearchExpression;
  readonly range: TimeRange;
  readonly limit: number;
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

/** The newest traces with a span that is meant, newest first. */
export function findTraces(input: FindInput, { batches }: Walk): TraceHits {
  const rows = newest(input, 'traces', batches, (batch, row) => {
    return idHex((batch as Batch<'traces'>).columns.traceId, 16, row);
  });
  return { traceIds: rows.map(({ key }) => key), timesUnixNano: timesOf(rows) };
}

/** The newest log records that are meant, newest first. */
export function findLogs(input: FindInput, { batches }: Walk): RowPlaces {
  const rows = newest(input, 'logs', batches, () => '');
  return {
    places: Uint32Array.from(rows, ({ place }) => place),
    rows: Uint32Array.from(rows, ({ row }) => row),
    timesUnixNano: timesOf(rows),
  };
}

/** Every span of these traces, in no particular order. */
export function findSpansOf(
  { traceIds }: { readonly traceIds: readonly string[] },
  { batches }: Walk,
): Pick<RowPlaces, 'places' | 'rows'> {
  const ids = new TraceIdSet(traceIds);
  const places: number[] = [];
  const found: number[] = [];
  for (const { place, batch } of batches) {
    for (const row of ids.rows((batch as Batch<'traces'>).columns.traceId, batch.rowCount)) {
      places.push(place);
      found.push(row);
    }
  }
  return { places: Uint32Array.from(places), rows: Uint32Array.from(found) };
}

function newest(
  { search, range, limit }: FindInput,
  signal: SearchSignal,
  batches: Iterable<PlacedBatch>,
  keyOf: (batch: Batch, row: number) => string,
): readonly FoundRow[] {
  const selection = new RowSelection(search, signal, range);
  const found = new NewestRows(limit);
  for (const part of batches) {
    const { place, batch } = part;
    const { maxTimeUnixNano } = batch;
    if (found.isTooOld(Number(maxTimeUnixNano >> 32n), Number(maxTimeUnixNano & 0xffff_ffffn))) continue;
    if (selection.select(part) === 0) continue;
    const words = timeWords(batch);
    const { mask } = selection;
    for (let row = batch.rowCount - 1; row >= 0; row -= 1) {
      if (mask[row] === 0) continue;
      const lo = words[2 * row] ?? 0;
      const hi = words[2 * row + 1] ?? 0;
      if (found.isTooOld(hi, lo)) continue;
      found.add({ place, row, hi, lo, key: keyOf(batch, row) });
    }
  }
  return found.take();
}

function timesOf(rows: readonly FoundRow[]): BigUint64Array {
  return BigUint64Array.from(rows, ({ hi, lo }) => (BigInt(hi) << 32n) | BigInt(lo));
}
