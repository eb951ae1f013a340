import { parseServiceId } from '../../ui/service-id.ts';

/** Characters that end a name or mean something in it, and a minus before it. */
const SPECIALS = /^-|[\s()":<>=!*?\\[\]{}]/g;
const PLAIN_VALUE = /^[\p{L}\p{N}_./][\p{L}\p{N}_./-]*$/u;
const OPERATORS = new Set(['AND', 'OR', 'NOT', 'TO']);

/** A field as a search line writes it. */
export function nameOf(field: string): string {
  return field.replace(SPECIALS, '\\$&');
}

/** `field:*value*` or `field:value*`. */
export function wildcardTerm(field: string, value: string, where: 'anywhere' | 'start'): string {
  const text = value.replace(SPECIALS, '\\$&');
  return `${nameOf(field)}:${where === 'anywhere' ? '*' : ''}${text}*`;
}

/** `field:value` of a search line, for exactly this value. */
export function termOf(field: string, value: string): string {
  const name = nameOf(field);
  const isPlain = PLAIN_VALUE.test(value) && !OPERATORS.has(value);
  return `${name}:${isPlain ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`;
}

/** What else narrows a list, as terms of a search line. */
export interface ListFilters {
  readonly service?: string;
  readonly minSeverity?: string;
  readonly operation?: string;
  readonly status?: string;
  readonly min?: string;
  readonly max?: string;
}

export function lineOf(line: string, filters: ListFilters): string {
  const { service, minSeverity, operation, status, min, max } = filters;
  const terms = [
    ...(service ? serviceTerms(service) : []),
    ...(minSeverity ? [`level>=${minSeverity}`] : []),
    ...(operation ? [termOf('name', operation)] : []),
    ...(status === 'error' ? ['status:error'] : status === 'ok' ? ['-status:error'] : []),
    ...(min ? [`duration>=${min}`] : []),
    ...(max ? [`duration<=${max}`] : []),
  ];
  return [...terms, ...(line.trim() === '' ? [] : [asOne(line)])].join(' ');
}

function serviceTerms(id: string): string[] {
  const { environment, namespace, name } = parseServiceId(id);
  const part = (field: string, value: string): string =>
    value === '' ? `-${field}:*` : termOf(field, value);
  return [part('service', name), part('namespace', namespace), part('environment', environment)];
}

/** A line with OR at its outside binds weaker than what is put beside it. */
function asOne(line: string): string {
  return /\bOR\b/.test(line) ? `(${line.trim()})` : line.trim();
}

export type TermUse = 'included' | 'excluded' | 'unused';

export function useOf(line: string, term: string): TermUse {
  const words = ` ${line.trim()} `;
  if (words.includes(` -${term} `)) return 'excluded';
  return words.includes(` ${term} `) ? 'included' : 'unused';
}

/** The line with a term put in, turned round, or taken out if it is there already. */
export function toggled(line: string, term: string, want: 'included' | 'excluded'): string {
  const use = useOf(line, term);
  const without = ` ${line.trim()} `.replaceAll(` -${term} `, ' ').replaceAll(` ${term} `, ' ').trim();
  if (use === want) return without;
  const signed = want === 'included' ? term : `-${term}`;
  return without === '' ? signed : `${asOne(without)} ${signed}`;
}
