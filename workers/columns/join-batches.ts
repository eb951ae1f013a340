// Hot: once a small batch and column. Bench: bench/memory.
import {
  LAYOUTS,
  type BinaryColumn,
  type Batch,
  type DictionarySnapshot,
  type Layout,
  type ListColumn,
  type Signal,
  type StructLayout,
} from '../../proto/columns/index.ts';
import { columnsByName, columnsIn } from './packed-columns.ts';
import { align8, Packer } from './packer.ts';

/** One batch's part of a column that is joined. */
interface Piece {
  readonly column: unknown;
  readonly rows: number;
  /** What is not in it is all zeros. */
  readonly buffer: SharedArrayBuffer;
}

interface Plan {
  /** Of the joined buffer. */
  readonly sizeBytes: number;
  readonly pack: (packer: Packer) => void;
}

/**
 * The rows of these batches as one, in their order: of one signal and one generation of dictionaries, at least one. The batches stay as
 * they are. O(bytes), and a few µs a batch.
 */
export function joinBatches<S extends Signal>(batches: readonly Batch<S>[]): Batch<S> {
  const [first] = batches;
  if (!first) throw new Error('there are no batches to join');
  const { signal } = first;
  let { minTimeUnixNano, maxTimeUnixNano, dictionary } = first;
  let rowCount = 0;
  for (const batch of batches) {
    if (batch.signal !== signal || batch.dictionary.id !== dictionary.id) {
      throw new Error('batches of different signals or generations of dictionaries cannot be joined');
    }
    rowCount += batch.rowCount;
    if (batch.minTimeUnixNano < minTimeUnixNano) ({ minTimeUnixNano } = batch);
    if (batch.maxTimeUnixNano > maxTimeUnixNano) ({ maxTimeUnixNano } = batch);
    if (entriesOf(batch.dictionary) > entriesOf(dictionary)) ({ dictionary } = batch);
  }
  const pieces = batches.map((batch) => ({
    column: columnsByName(batch),
    rows: batch.rowCount,
    buffer: batch.buffer,
  }));
  const plan = planStruct(LAYOUTS[signal], pieces);
  const packer = new Packer(plan.sizeBytes);
  plan.pack(packer);
  const { buffer, zeroArrays } = packer;
  const columns = columnsIn(signal, buffer, rowCount, zeroArrays);
  return { signal, rowCount, buffer, columns, zeroArrays, dictionary, minTimeUnixNano, maxTimeUnixNano };
}

/** The snapshot of a generation with the most entries holds all that the others do. */
function entriesOf({ tables }: DictionarySnapshot): number {
  const { strings, attributes, resources, scopes, metrics, bounds } = tables;
  return strings.count + attributes.count + resources.count + scopes.count + metrics.count + bounds.count;
}

function planColumn(layout: Layout, pieces: readonly Piece[]): Plan {
  switch (layout.kind) {
    case 'struct':
      return planStruct(layout.fields, pieces);
    case 'list':
      return planList(
        pieces,
        planColumn(
          layout.item,
          pieces.map(({ column, rows, buffer }) => {
            const { offsets, items } = column as ListColumn<unknown>;
            return { column: items, rows: offsets[rows] ?? 0, buffer };
          }),
        ),
      );
    case 'binary':
      return planList(
        pieces,
        planRows(
          pieces.map(({ column, rows, buffer }) => {
            const { offsets, bytes } = column as BinaryColumn;
            return { column: bytes, rows: offsets[rows] ?? 0, buffer };
          }),
        ),
      );
    default:
      return planRows(pieces);
  }
}

function planStruct(fields: StructLayout, pieces: readonly Piece[]): Plan {
  const plans = Object.entries(fields).map(([name, layout]) =>
    planColumn(
      layout,
      pieces.map(({ column, rows, buffer }) => ({
        column: (column as Readonly<Record<string, unknown>>)[name],
        rows,
        buffer,
      })),
    ),
  );
  return {
    sizeBytes: plans.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    pack(packer) {
      for (const plan of plans) plan.pack(packer);
    },
  };
}

/** Offsets begin anew in each batch. */
function planList(pieces: readonly Piece[], items: Plan): Plan {
  const offsetsOf = ({ column }: Piece): Int32Array => (column as ListColumn<unknown>).offsets;
  const rows = pieces.reduce((sum, piece) => sum + piece.rows, 0);
  const isEmpty = pieces.every((piece) => (offsetsOf(piece)[piece.rows] ?? 0) === 0);
  return {
    sizeBytes: (isEmpty ? 0 : align8(4 * (rows + 1))) + items.sizeBytes,
    pack(packer) {
      if (isEmpty) packer.passZeros();
      else {
        const joined = packer.take(Int32Array, rows + 1);
        let at = 0;
        let before = 0;
        for (const piece of pieces) {
          const offsets = offsetsOf(piece);
          for (let row = 0; row < piece.rows; row += 1) joined[at + row] = before + (offsets[row] ?? 0);
          at += piece.rows;
          before += offsets[piece.rows] ?? 0;
        }
        joined[rows] = before;
      }
      items.pack(packer);
    },
  };
}

/** Typed arrays of rows, one behind the other. */
function planRows(pieces: readonly Piece[]): Plan {
  const filled: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  let sizeBytes = 0;
  for (const { column, buffer } of pieces) {
    const { buffer: of, byteOffset, byteLength } = column as ArrayBufferView;
    if (of === buffer && byteLength > 0) {
      filled.push({ at: sizeBytes, bytes: new Uint8Array(of, byteOffset, byteLength) });
    }
    sizeBytes += byteLength;
  }
  const isZero = filled.length === 0;
  return {
    sizeBytes: isZero ? 0 : align8(sizeBytes),
    pack(packer) {
      if (isZero) {
        packer.passZeros();
        return;
      }
      const joined = packer.take(Uint8Array, sizeBytes);
      for (const { at, bytes } of filled) joined.set(bytes, at);
    },
  };
}
