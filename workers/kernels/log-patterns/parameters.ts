import { WILDCARD } from './shape-tokens.ts';

export type ParameterType =
  | 'number'
  | 'hex'
  | 'uuid'
  | 'ip'
  | 'url'
  | 'email'
  | 'path'
  | 'time'
  | 'boolean'
  | 'quantity'
  | 'word'
  | 'text';

const TYPES: readonly (readonly [ParameterType, RegExp])[] = [
  ['number', /^[-+]?\d+(?:\.\d+)?%?$/],
  ['uuid', /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i],
  ['ip', /^\/?\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?:\/\d+)?$/],
  ['ip', /^(?=[^g-z]*:)[\da-f]{0,4}(?::[\da-f]{0,4}){3,7}$/i],
  ['time', /^\d+([-/])\d+\1\d+(?:[ T]\d+:\d+\S*)?$/],
  ['time', /^\d+:\d+(?::\d+)?(?:[.,]\d+)?$/],
  ['boolean', /^(?:true|false)$/i],
  ['hex', /^(?:0x)?[\da-f]+$/i],
  [
    'quantity',
    /^<? ?[-+]?\d+(?:\.\d+)* ?(?:[kKMGTP]i?B|B|bytes|[nmuµ]?s|secs?|seconds?|min|minutes?|h|hours?)\b/,
  ],
  ['url', /^[A-Za-z][\w+.-]*:\/\//],
  ['email', /^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$/],
  ['path', /^(?:~|[A-Za-z]:)?[/\\]/],
  ['word', /^\S+$/],
];

/** What a value looks like; of a blank or several words, `text`. */
export function parameterType(value: string): ParameterType {
  return TYPES.find(([, pattern]) => pattern.test(value))?.[0] ?? 'text';
}

/**
 * What stands for each wildcard of `template` in `line`, both with single blanks; undefined if the line does not match. Takes the
 * leftmost place of each constant part: O(line).
 */
export function parameterValues(template: string, line: string): string[] | undefined {
  const [head = '', ...parts] = template.split(WILDCARD);
  const tail = parts.pop();
  if (tail === undefined) return template === line ? [] : undefined;
  if (!line.startsWith(head)) return undefined;
  const end = line.length - tail.length;
  if (end < head.length || !line.endsWith(tail)) return undefined;
  const values: string[] = [];
  let at = head.length;
  for (const part of parts) {
    const found = line.indexOf(part, at);
    if (found < 0 || found + part.length > end) return undefined;
    values.push(line.slice(at, found));
    at = found + part.length;
  }
  values.push(line.slice(at, end));
  return values;
}

/** As skeletons see it: runs of blanks and control characters are one blank, none at the ends. */
export function withSingleBlanks(line: string): string {
  // oxlint-disable-next-line no-control-regex -- exactly those that a skeleton takes for blanks
  return line.replace(/[\u0000-\u0020\u007f]+/g, ' ').replace(/^ | $/g, '');
}
