import type { BinaryOperator } from '../parse/ast.ts';

export type FloatOperator = (left: number, right: number) => number;

/** Go's `Pow`: 1 to any power and anything to the power of 0 is 1, even NaN. */
function power(left: number, right: number): number {
  if (left === 1 || (left === -1 && (right === Infinity || right === -Infinity))) return 1;
  return left ** right;
}

const OPERATORS: Readonly<Record<string, FloatOperator>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '^': power,
  atan2: Math.atan2,
  // Of comparisons the truth, as a number.
  '==': (left, right) => Number(left === right),
  '!=': (left, right) => Number(left !== right),
  '<': (left, right) => Number(left < right),
  '>': (left, right) => Number(left > right),
  '<=': (left, right) => Number(left <= right),
  '>=': (left, right) => Number(left >= right),
};

/** Undefined for operators that floats do not have. */
export const floatOperator = (operator: BinaryOperator): FloatOperator | undefined => OPERATORS[operator];
