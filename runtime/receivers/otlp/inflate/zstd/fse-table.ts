import { MalformedBody } from '../malformed-body.ts';
import { highestBit, type BackwardBits, type ForwardBits } from './bits.ts';

/** A table of finite state entropy (RFC 8878, 4.1): to a state its symbol, and where its successor is found. */
export class FseTable {
  readonly accuracyLog: number;
  readonly symbols: Uint8Array;
  private readonly bits: Uint8Array;
  private readonly baselines: Uint16Array;

  private constructor(accuracyLog: number) {
    const size = 1 << accuracyLog;
    this.accuracyLog = accuracyLog;
    this.symbols = new Uint8Array(size);
    this.bits = new Uint8Array(size);
    this.baselines = new Uint16Array(size);
  }

  /** A table that always gives `symbol`, and reads nothing for it. */
  static constant(symbol: number): FseTable {
    const table = new FseTable(0);
    table.symbols[0] = symbol;
    return table;
  }

  /** `counts` to each symbol: how many states it has, -1 for one that is rarer than one state; they fill the table. */
  static of(accuracyLog: number, counts: readonly number[]): FseTable {
    const table = new FseTable(accuracyLog);
    const next = table.spread(counts);
    for (let state = 0; state < table.symbols.length; state += 1) {
      const symbol = table.symbols[state] ?? 0;
      const successor = next[symbol] ?? 1;
      next[symbol] = successor + 1;
      const bits = accuracyLog - highestBit(successor);
      table.bits[state] = bits;
      table.baselines[state] = (successor << bits) - table.symbols.length;
    }
    return table;
  }

  first(bits: BackwardBits): number {
    return bits.read(this.accuracyLog);
  }

  successor(state: number, bits: BackwardBits): number {
    return (this.baselines[state] ?? 0) + bits.read(this.bits[state] ?? 0);
  }

  /** Gives each state its symbol; answers the first successor of each symbol. */
  private spread(counts: readonly number[]): Uint16Array {
    const { symbols } = this;
    const size = symbols.length;
    const step = (size >> 1) + (size >> 3) + 3;
    const next = new Uint16Array(counts.length);
    let high = size;
    counts.forEach((count, symbol) => {
      next[symbol] = Math.abs(count);
      if (count === -1) symbols[--high] = symbol;
    });
    let state = 0;
    counts.forEach((count, symbol) => {
      for (let i = 0; i < count; i += 1) {
        symbols[state] = symbol;
        do state = (state + step) & (size - 1);
        while (state >= high);
      }
    });
    return next;
  }
}

/** Reads a table's description. */
export function readFseTable(bits: ForwardBits, maxAccuracyLog: number, maxSymbol: number): FseTable {
  const accuracyLog = bits.read(4) + 5;
  if (accuracyLog > maxAccuracyLog) throw new MalformedBody('a table has more states than it may');
  const counts: number[] = [];
  let remaining = 1 << accuracyLog;
  while (remaining > 0 && counts.length <= maxSymbol) {
    const count = readCount(bits, remaining);
    remaining -= Math.abs(count);
    counts.push(count);
    if (count === 0) skipZeros(bits, counts, maxSymbol);
  }
  if (remaining !== 0 || counts.length > maxSymbol + 1) {
    throw new MalformedBody('the counts of a table do not fill it');
  }
  return FseTable.of(accuracyLog, counts);
}

/** A number from -1 to `remaining`: of as many bits as that takes, the lowest ones of one bit less. */
function readCount(bits: ForwardBits, remaining: number): number {
  const width = highestBit(remaining + 1) + 1;
  const value = bits.read(width);
  const lower = value & ((1 << (width - 1)) - 1);
  const threshold = (1 << width) - 2 - remaining;
  if (lower < threshold) {
    bits.unread(1);
    return lower - 1;
  }
  return (value === lower ? value : value - threshold) - 1;
}

function skipZeros(bits: ForwardBits, counts: number[], maxSymbol: number): void {
  for (;;) {
    const repeats = bits.read(2);
    for (let i = 0; i < repeats; i += 1) counts.push(0);
    if (repeats < 3 || counts.length > maxSymbol + 1) return;
  }
}
