// Hot: every literal of a zstd body. Bench: bench/otlp-conformance --inflate.
import { MalformedBody } from '../malformed-body.ts';
import { BackwardBits, bitsAt, ForwardBits, highestBit } from './bits.ts';
import { readFseTable } from './fse-table.ts';

const MAX_CODE_BITS = 11;
const MAX_WEIGHTS = 255;

/** RFC 8878, 4.2: of the next `codeBits` bits, the symbol (low byte) and how many of them it takes (high byte). */
export class HuffmanTable {
  private readonly codeBits: number;
  private readonly entries: Uint16Array;

  constructor(weights: readonly number[]) {
    this.codeBits = highestBit(weights.reduce((sum, weight) => sum + statesOf(weight), 0));
    this.entries = new Uint16Array(1 << this.codeBits);
    let entry = 0;
    for (let weight = 1; weight <= this.codeBits; weight += 1) {
      const bits = this.codeBits + 1 - weight;
      weights.forEach((ofSymbol, symbol) => {
        if (ofSymbol !== weight) return;
        this.entries.fill(symbol | (bits << 8), entry, entry + statesOf(weight));
        entry += statesOf(weight);
      });
    }
  }

  /** Fills `output` from `from` to `to` with the symbols of the stream in `source` from `start` to `end`. */
  decode(source: Uint8Array, start: number, end: number, output: Uint8Array, from: number, to: number): void {
    const { codeBits, entries } = this;
    const last = end > start ? (source[end - 1] ?? 0) : 0;
    if (last === 0) throw new MalformedBody('a stream of literals has no end mark');
    const first = start * 8;
    let position = end * 8 - 8 + highestBit(last);
    let at = from;
    while (at < to && position >= first + codeBits) {
      const entry = entries[bitsAt(source, position - codeBits, codeBits)] ?? 0;
      output[at++] = entry;
      position -= entry >> 8;
    }
    while (at < to && position > first) {
      const left = position - first;
      const entry = entries[(bitsAt(source, first, Math.min(left, 24)) << codeBits) >> left] ?? 0;
      output[at++] = entry;
      position -= entry >> 8;
    }
    if (at !== to || position !== first) throw new MalformedBody('a stream of literals has a wrong length');
  }
}

function statesOf(weight: number): number {
  return weight === 0 ? 0 : 1 << (weight - 1);
}

/** Reads a table's description, which begins at `start`; answers where it ends. */
export function readHuffmanTable(
  source: Uint8Array,
  start: number,
  end: number,
): { readonly table: HuffmanTable; readonly next: number } {
  const head = source[start] ?? 0;
  const count = head - 127;
  const next = start + 1 + (head < 128 ? head : (count + 1) >> 1);
  if (next > end) throw new MalformedBody('a table of literals is cut short');
  const weights =
    head < 128 ? readCodedWeights(source, start + 1, next) : readPlainWeights(source, start + 1, count);
  return { table: new HuffmanTable([...weights, lastWeight(weights)]), next };
}

function readPlainWeights(source: Uint8Array, start: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const byte = source[start + (i >> 1)] ?? 0;
    return i % 2 === 0 ? byte >> 4 : byte & 15;
  });
}

/** Two states take turns until the bits run out; what the other one holds then is the last weight. */
function readCodedWeights(source: Uint8Array, start: number, end: number): number[] {
  const head = new ForwardBits(source, start, end);
  const table = readFseTable(head, 6, MAX_WEIGHTS);
  const bits = new BackwardBits(source, head.nextByte, end);
  const states = [table.first(bits), table.first(bits)];
  const weights: number[] = [];
  for (let turn = 0; weights.length < MAX_WEIGHTS; turn ^= 1) {
    const state = states[turn] ?? 0;
    weights.push(table.symbols[state] ?? 0);
    states[turn] = table.successor(state, bits);
    if (bits.remaining < 0) {
      weights.push(table.symbols[states[turn ^ 1] ?? 0] ?? 0);
      return weights;
    }
  }
  throw new MalformedBody('a table of literals has more than 256 symbols');
}

/** Is not written: it is what makes the codes complete. */
function lastWeight(weights: readonly number[]): number {
  if (weights.length > MAX_WEIGHTS || weights.some((weight) => weight > MAX_CODE_BITS)) {
    throw new MalformedBody('a table of literals has impossible weights');
  }
  const sum = weights.reduce((total, weight) => total + statesOf(weight), 0);
  const missing = (1 << (highestBit(sum) + 1)) - sum;
  if (sum === 0 || sum >= 1 << MAX_CODE_BITS || (missing & (missing - 1)) !== 0) {
    throw new MalformedBody('the codes of a table of literals are incomplete');
  }
  return highestBit(missing) + 1;
}
