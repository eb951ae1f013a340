// Hot: once a row. Bench: bench/hot-query.
import type { ServiceBatch } from '../../proto/columns/index.ts';

/**
 * A condition on rows of a batch. Masks have a byte a row, 1 for one that is in, and are padded with zeros to whole words:
 * see `newMask`. Scans belong to one thread and one search: tests keep what they have found out.
 */
export interface RowTest {
  /** How dear a row is, to try cheap conditions first. */
  readonly cost: number;
  /** Whether any row can pass at all; without it, any may. */
  canPass?(part: ServiceBatch): boolean;
  /** Takes the rows that do not pass out of the mask, and answers how many are left. */
  refine(part: ServiceBatch, mask: Uint8Array, rows: number): number;
}

export function newMask(rows: number): Uint8Array {
  return new Uint8Array(4 * Math.ceil(rows / 4));
}

export class Everything implements RowTest {
  readonly cost = 0;

  refine(_part: ServiceBatch, mask: Uint8Array, rows: number): number {
    return countIn(mask, rows);
  }
}

export class Nothing implements RowTest {
  readonly cost = 0;

  refine(_part: ServiceBatch, mask: Uint8Array, rows: number): number {
    mask.fill(0, 0, rows);
    return 0;
  }
}

export class And implements RowTest {
  readonly cost: number;
  private readonly operands: readonly RowTest[];

  constructor(operands: readonly RowTest[]) {
    this.operands = operands.toSorted((a, b) => a.cost - b.cost);
    this.cost = costOf(operands);
  }

  refine(part: ServiceBatch, mask: Uint8Array, rows: number): number {
    let left = rows;
    for (const operand of this.operands) {
      left = operand.refine(part, mask, rows);
      if (left === 0) return 0;
    }
    return left;
  }
}

export class Or implements RowTest {
  readonly cost: number;
  private readonly operands: readonly RowTest[];
  /** Rows that no operand has passed yet, and a copy for the one at work. */
  private open = newMask(0);
  private tried = newMask(0);

  constructor(operands: readonly RowTest[]) {
    this.operands = operands.toSorted((a, b) => a.cost - b.cost);
    this.cost = costOf(operands);
  }

  refine(part: ServiceBatch, mask: Uint8Array, rows: number): number {
    const able = this.operands.filter((operand) => operand.canPass?.(part) ?? true);
    const [first] = able;
    if (!first) {
      mask.fill(0, 0, rows);
      return 0;
    }
    if (able.length === 1) return first.refine(part, mask, rows);
    if (this.open.length < rows) {
      this.open = newMask(rows);
      this.tried = newMask(rows);
    }
    const { open, tried } = this;
    copyMask(mask, open, rows);
    let left = countIn(mask, rows);
    let passed = 0;
    for (const operand of able) {
      if (left === 0) break;
      copyMask(open, tried, rows);
      const found = operand.refine(part, tried, rows);
      passed += found;
      left -= found;
      if (found > 0) takeOut(open, tried, rows);
    }
    takeOut(mask, open, rows);
    return passed;
  }
}

export class Not implements RowTest {
  readonly cost: number;
  private readonly operand: RowTest;
  private copy = newMask(0);

  constructor(operand: RowTest) {
    this.operand = operand;
    this.cost = operand.cost;
  }

  refine(part: ServiceBatch, mask: Uint8Array, rows: number): number {
    if (this.copy.length < rows) this.copy = newMask(rows);
    const { copy } = this;
    copyMask(mask, copy, rows);
    if (this.operand.refine(part, copy, rows) > 0) takeOut(mask, copy, rows);
    return countIn(mask, rows);
  }
}

export function countIn(mask: Uint8Array, rows: number): number {
  const words = maskWords(mask, rows);
  let count = 0;
  // Four bytes of 0 or 1 are added by one multiplication.
  for (let at = 0; at < words.length; at += 1) count += Math.imul(words[at] ?? 0, 0x0101_0101) >>> 24;
  return count;
}

/** Rows of `mask` that are not in `others`. */
function takeOut(mask: Uint8Array, others: Uint8Array, rows: number): void {
  const words = maskWords(mask, rows);
  const otherWords = maskWords(others, rows);
  for (let at = 0; at < words.length; at += 1) words[at] = (words[at] ?? 0) & ~(otherWords[at] ?? 0);
}

/** Rows of `mask` that are in `others` too; answers how many. */
export function keepCommon(mask: Uint8Array, others: Uint8Array, rows: number): number {
  const words = maskWords(mask, rows);
  const otherWords = maskWords(others, rows);
  let count = 0;
  for (let at = 0; at < words.length; at += 1) {
    const word = (words[at] ?? 0) & (otherWords[at] ?? 0);
    words[at] = word;
    count += Math.imul(word, 0x0101_0101) >>> 24;
  }
  return count;
}

/** Whether any row is in both masks. */
export function haveCommon(mask: Uint8Array, others: Uint8Array, rows: number): boolean {
  const words = maskWords(mask, rows);
  const otherWords = maskWords(others, rows);
  let common = 0;
  for (let at = 0; at < words.length; at += 1) common |= (words[at] ?? 0) & (otherWords[at] ?? 0);
  return common !== 0;
}

function copyMask(from: Uint8Array, to: Uint8Array, rows: number): void {
  to.set(from.subarray(0, 4 * Math.ceil(rows / 4)));
}

/** Of a mask, four rows each. */
export function maskWords(mask: Uint8Array, rows: number): Int32Array {
  return new Int32Array(mask.buffer, mask.byteOffset, Math.ceil(rows / 4));
}

function costOf(operands: readonly RowTest[]): number {
  return operands.reduce((cost, operand) => cost + operand.cost, 0);
}
