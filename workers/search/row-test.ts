import type { ServiceBatch } from '../../proto/columns/index.ts';

/** A condition on rows of a batch. Scans belong to one thread and one search: tests keep what they have found out. */
export interface RowTest {
  /** How dear a row is, to try cheap conditions first. */
  readonly cost: number;
  /** Takes the rows that do not pass out of the mask (1: in), and answers how many are left. */
  refine(part: ServiceBatch, mask: Uint8Array, rows: number): number;
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
  private open = new Uint8Array(0);
  private tried = new Uint8Array(0);

  constructor(operands: readonly RowTest[]) {
    this.operands = operands.toSorted((a, b) => a.cost - b.cost);
    this.cost = costOf(operands);
  }

  refine(part: ServiceBatch, mask: Uint8Array, rows: number): number {
    if (this.open.length < rows) {
      this.open = new Uint8Array(rows);
      this.tried = new Uint8Array(rows);
    }
    const { open, tried } = this;
    for (let row = 0; row < rows; row += 1) open[row] = mask[row] ?? 0;
    let left = countIn(mask, rows);
    let passed = 0;
    for (const operand of this.operands) {
      if (left === 0) break;
      tried.set(open.subarray(0, rows));
      const found = operand.refine(part, tried, rows);
      if (found === 0) continue;
      passed += found;
      left -= found;
      for (let row = 0; row < rows; row += 1) open[row] = (open[row] ?? 0) & ~(tried[row] ?? 0);
    }
    for (let row = 0; row < rows; row += 1) mask[row] = (mask[row] ?? 0) & ~(open[row] ?? 0);
    return passed;
  }
}

export class Not implements RowTest {
  readonly cost: number;
  private readonly operand: RowTest;
  private copy = new Uint8Array(0);

  constructor(operand: RowTest) {
    this.operand = operand;
    this.cost = operand.cost;
  }

  refine(part: ServiceBatch, mask: Uint8Array, rows: number): number {
    if (this.copy.length < rows) this.copy = new Uint8Array(rows);
    const { copy } = this;
    copy.set(mask.subarray(0, rows));
    if (this.operand.refine(part, copy, rows) === 0) return countIn(mask, rows);
    let left = 0;
    for (let row = 0; row < rows; row += 1) left += mask[row] = (mask[row] ?? 0) & ~(copy[row] ?? 0);
    return left;
  }
}

export function countIn(mask: Uint8Array, rows: number): number {
  let count = 0;
  for (let row = 0; row < rows; row += 1) count += mask[row] ?? 0;
  return count;
}

function costOf(operands: readonly RowTest[]): number {
  return operands.reduce((cost, operand) => cost + operand.cost, 0);
}
