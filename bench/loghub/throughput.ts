import { PatternMiner } from '../../workers/kernels/log-patterns/index.ts';

const LINES = 1_000_000;
const ROUNDS = 5;

/**
 * Lines a second on one thread: the systems' lines mixed, a million of them, as a service repeats its messages with other
 * values: every pass over them moves all digits on. Median of rounds, each with a new miner.
 */
export function measureThroughput(lines: readonly string[]): number {
  const repeated = repeatLines(lines);
  const rates = Array.from({ length: ROUNDS }, () => {
    const miner = new PatternMiner();
    const start = performance.now();
    for (const line of repeated) miner.add(line);
    return repeated.length / ((performance.now() - start) / 1_000);
  });
  return Math.round(rates.sort((one, other) => one - other)[Math.floor(ROUNDS / 2)] ?? 0);
}

function repeatLines(lines: readonly string[]): string[] {
  return Array.from({ length: LINES }, (_, row) => {
    const pass = Math.floor(row / lines.length);
    // 7919 is prime to the number of lines, so that systems alternate and every line comes once in a pass.
    const line = lines[(row * 7_919) % lines.length] ?? '';
    // A joined string is flattened here and not in the measured loop.
    return Buffer.from(line.replace(/\d{2,}/g, (digits) => moveDigits(digits, pass))).toString();
  });
}

function moveDigits(digits: string, by: number): string {
  let moved = '';
  for (const digit of digits) moved += String((Number(digit) + by) % 10);
  return moved;
}
