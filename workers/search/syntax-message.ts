import type { SearchSyntaxError } from '../../proto/query/index.ts';

/** One line for people. Positions count from 0. */
export function syntaxMessage({ position, expected, found }: SearchSyntaxError): string {
  return `at position ${position}: expected ${expected}, found ${found}`;
}
