import { nameOf, termOf, wildcardTerm } from './search-terms.ts';

/** How a condition compares, as people say it. */
export const OPERATORS = [
  { value: 'is', label: 'is' },
  { value: 'is-not', label: 'is not' },
  { value: 'contains', label: 'contains' },
  { value: 'begins', label: 'begins with' },
  { value: '>=', label: 'is at least' },
  { value: '<=', label: 'is at most' },
  { value: '>', label: 'is more than' },
  { value: '<', label: 'is less than' },
  { value: 'exists', label: 'exists' },
  { value: 'missing', label: 'does not exist' },
] as const;
export type Operator = (typeof OPERATORS)[number]['value'];

export interface Condition {
  /** Empty: anywhere in the text. Spaces around it are taken for slips of typing. */
  readonly field: string;
  readonly operator: Operator;
  readonly value: string;
}

export function needsValue(operator: Operator): boolean {
  return operator !== 'exists' && operator !== 'missing';
}

/** The condition as a term of a search line; `undefined` while something is missing. */
export function conditionTerm({ field, operator, value }: Condition): string | undefined {
  const name = field.trim();
  if (needsValue(operator) && value.trim() === '') return undefined;
  if (name === '') {
    const phrase = `"${value.replace(/["\\]/g, '\\$&')}"`;
    if (operator === 'is' || operator === 'contains') return phrase;
    return operator === 'is-not' ? `-${phrase}` : undefined;
  }
  switch (operator) {
    case 'is':
      return termOf(name, value);
    case 'is-not':
      return `-${termOf(name, value)}`;
    case 'contains':
      return wildcardTerm(name, value, 'anywhere');
    case 'begins':
      return wildcardTerm(name, value, 'start');
    case 'exists':
      return `${nameOf(name)}:*`;
    case 'missing':
      return `-${nameOf(name)}:*`;
    default:
      return /^[\w.µ+-]+$/u.test(value.trim()) ? `${nameOf(name)}${operator}${value.trim()}` : undefined;
  }
}

/** An escaped character, a text in quotes, a bracket, space, anything else; a quote alone is one that does not close. */
const PIECES = /\\[^]?|"(?:\\[^]|[^"\\])*"|[([{]|[)\]}]|\s+|[^\\"()[\]{}\s]+|"/g;
const JOINS = /^(?:OR|AND|NOT|TO|\|\||&&|-|!|")$/;

/**
 * What a line joins by standing side by side: each can be taken away by itself. A line that says OR or AND at its outside, or whose
 * quotes or brackets do not close, is one.
 */
export function partsOf(line: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  let depth = 0;
  for (const [piece] of line.trim().matchAll(PIECES)) {
    if (/^[([{]$/.test(piece)) depth += 1;
    if (/^[)\]}]$/.test(piece)) depth -= 1;
    if (piece === '"') return [line.trim()];
    if (depth > 0 || !/^\s/.test(piece)) {
      part += piece;
      continue;
    }
    parts.push(part);
    part = '';
  }
  if (part !== '') parts.push(part);
  return depth !== 0 || parts.some((each) => JOINS.test(each)) ? [line.trim()] : parts;
}
