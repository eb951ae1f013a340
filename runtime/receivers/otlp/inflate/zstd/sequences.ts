// Hot: every sequence of a zstd body. Bench: bench/otlp-conformance --inflate.
import { MalformedBody } from '../malformed-body.ts';
import type { InflatedOutput } from '../inflated-output.ts';
import { BackwardBits, ForwardBits } from './bits.ts';
import { FseTable, readFseTable } from './fse-table.ts';
import type { Literals } from './literals.ts';

/** What sequences of one frame leave to its next block. */
export interface SequenceHistory {
  tables: SequenceTables | undefined;
  /** The latest three distances, the latest first. */
  readonly distances: [number, number, number];
}

interface SequenceTables {
  readonly literals: FseTable;
  readonly distances: FseTable;
  readonly matches: FseTable;
}

export function newSequenceHistory(): SequenceHistory {
  return { tables: undefined, distances: [1, 4, 8] };
}

/** Distances above our largest window do not occur, so that 24 bits hold their rest. */
const MAX_DISTANCE_CODE = 24;

const EXTRA_LITERAL_BITS = [
  ...Array.from({ length: 16 }, () => 0),
  ...[1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
];
const EXTRA_MATCH_BITS = [
  ...Array.from({ length: 32 }, () => 0),
  ...[1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
];

/** The least length of each code: codes follow each other without a gap. */
function baselines(first: number, extraBits: readonly number[]): Uint32Array {
  let next = first;
  return Uint32Array.from(extraBits, (bits) => {
    const baseline = next;
    next += 1 << bits;
    return baseline;
  });
}

const LITERAL_BITS = Uint8Array.from(EXTRA_LITERAL_BITS);
const LITERAL_BASELINES = baselines(0, EXTRA_LITERAL_BITS);
const MATCH_BITS = Uint8Array.from(EXTRA_MATCH_BITS);
const MATCH_BASELINES = baselines(3, EXTRA_MATCH_BITS);

interface TableKind {
  readonly maxAccuracyLog: number;
  readonly maxSymbol: number;
  readonly predefined: FseTable;
}

const times = (count: number, value: number): number[] => Array.from({ length: count }, () => value);

/** RFC 8878, 3.1.1.3.2.2. */
const LITERAL_TABLE: TableKind = {
  maxAccuracyLog: 9,
  maxSymbol: 35,
  predefined: FseTable.of(6, [
    ...[4, 3, ...times(11, 2), ...times(3, 1), ...times(9, 2), 3, 2, ...times(5, 1), ...times(4, -1)],
  ]),
};
const DISTANCE_TABLE: TableKind = {
  maxAccuracyLog: 8,
  maxSymbol: 31,
  predefined: FseTable.of(5, [...times(6, 1), ...times(3, 2), ...times(15, 1), ...times(5, -1)]),
};
const MATCH_TABLE: TableKind = {
  maxAccuracyLog: 9,
  maxSymbol: 52,
  predefined: FseTable.of(6, [1, 4, 3, ...times(6, 2), ...times(37, 1), ...times(7, -1)]),
};

/** The sequences section from `start` to `end`, carried out: literals and matches are appended to `output`. */
export function runSequences(
  source: Uint8Array,
  start: number,
  end: number,
  literals: Literals,
  history: SequenceHistory,
  output: InflatedOutput,
): void {
  const { count, next } = readSequenceCount(source, start, end);
  let literalAt = literals.start;
  if (count > 0) {
    const { tables, next: bitsStart } = readTables(source, next, end, history.tables);
    history.tables = tables;
    const bits = new BackwardBits(source, bitsStart, end);
    literalAt = runAll(count, tables, bits, literals, history.distances, output);
  }
  output.append(literals.bytes, literalAt, literals.end);
}

/** Answers where the literals begin that no sequence took. */
function runAll(
  count: number,
  tables: SequenceTables,
  bits: BackwardBits,
  literals: Literals,
  latest: [number, number, number],
  output: InflatedOutput,
): number {
  const { literals: literalTable, distances: distanceTable, matches: matchTable } = tables;
  let literalState = literalTable.first(bits);
  let distanceState = distanceTable.first(bits);
  let matchState = matchTable.first(bits);
  let literalAt = literals.start;
  for (let left = count; left > 0; left -= 1) {
    const distanceCode = valueAt(distanceTable.symbols, distanceState);
    const matchCode = valueAt(matchTable.symbols, matchState);
    const literalCode = valueAt(literalTable.symbols, literalState);
    if (distanceCode > MAX_DISTANCE_CODE) throw new MalformedBody('a match reaches too far back');
    const distanceValue = (1 << distanceCode) + bits.read(distanceCode);
    const matchLength = valueAt(MATCH_BASELINES, matchCode) + bits.read(valueAt(MATCH_BITS, matchCode));
    const literalLength =
      valueAt(LITERAL_BASELINES, literalCode) + bits.read(valueAt(LITERAL_BITS, literalCode));
    if (left > 1) {
      literalState = literalTable.successor(literalState, bits);
      matchState = matchTable.successor(matchState, bits);
      distanceState = distanceTable.successor(distanceState, bits);
    }
    if (bits.remaining < 0) throw new MalformedBody('the sequences of a block are cut short');
    const literalEnd = literalAt + literalLength;
    if (literalEnd > literals.end) throw new MalformedBody('a sequence takes more literals than there are');
    output.append(literals.bytes, literalAt, literalEnd);
    output.repeat(distanceOf(distanceValue, literalLength === 0, latest), matchLength);
    literalAt = literalEnd;
  }
  if (bits.remaining !== 0) throw new MalformedBody('the sequences of a block end before their bits do');
  return literalAt;
}

function valueAt(values: Uint8Array | Uint32Array, index: number): number {
  return values[index] ?? 0;
}

/** Values up to 3 mean one of the latest distances. Moves what is used to the front. */
function distanceOf(value: number, isWithoutLiterals: boolean, latest: [number, number, number]): number {
  const place = value > 3 ? 3 : value - 1 + (isWithoutLiterals ? 1 : 0);
  if (place === 0) return latest[0];
  let distance = value - 3;
  if (value <= 3) distance = place === 3 ? latest[0] - 1 : (latest[place] ?? 0);
  if (place !== 1) latest[2] = latest[1];
  latest[1] = latest[0];
  latest[0] = distance;
  return distance;
}

function readSequenceCount(
  source: Uint8Array,
  start: number,
  end: number,
): { readonly count: number; readonly next: number } {
  if (start >= end) throw new MalformedBody('a block has no sequences section');
  const [first = 0, second = 0, third = 0] = source.subarray(start, Math.min(end, start + 3));
  if (first < 128) return { count: first, next: start + 1 };
  if (first < 255) return { count: ((first - 128) << 8) + second, next: start + 2 };
  return { count: second + (third << 8) + 0x7f00, next: start + 3 };
}

function readTables(
  source: Uint8Array,
  start: number,
  end: number,
  earlier: SequenceTables | undefined,
): { readonly tables: SequenceTables; readonly next: number } {
  const modes = source[start] ?? 0;
  if ((modes & 3) !== 0) throw new MalformedBody('a reserved bit is set');
  let next = start + 1;
  const read = (mode: number, kind: TableKind, before: FseTable | undefined): FseTable => {
    if (next > end) throw new MalformedBody('the tables of a block are cut short');
    if (mode === 0) return kind.predefined;
    if (mode === 1) {
      const symbol = source[next++] ?? 0;
      if (symbol > kind.maxSymbol) throw new MalformedBody('a table has an impossible symbol');
      return FseTable.constant(symbol);
    }
    if (mode === 2) {
      const bits = new ForwardBits(source, next, end);
      const table = readFseTable(bits, kind.maxAccuracyLog, kind.maxSymbol);
      next = bits.nextByte;
      return table;
    }
    if (!before) throw new MalformedBody('sequences refer to a table that was not sent');
    return before;
  };
  const literals = read(modes >> 6, LITERAL_TABLE, earlier?.literals);
  const distances = read((modes >> 4) & 3, DISTANCE_TABLE, earlier?.distances);
  const matches = read((modes >> 2) & 3, MATCH_TABLE, earlier?.matches);
  return { tables: { literals, distances, matches }, next };
}
