import { type Labels, labelValue } from './labels.ts';
import { compileRe2 } from './re2.ts';

export type MatchOperator = '=' | '!=' | '=~' | '!~';

export interface LabelMatcher {
  readonly name: string;
  readonly operator: MatchOperator;
  readonly value: string;
}

/** Compiled once a selector. Throws `InvalidRegexError`. */
export function compileMatcher({ operator, value }: LabelMatcher): (value: string) => boolean {
  if (operator === '=') return (candidate) => candidate === value;
  if (operator === '!=') return (candidate) => candidate !== value;
  const isWanted = operator === '=~';
  // Dashboards send lists of names, seldom patterns.
  if (/^[\w|-]*$/u.test(value)) {
    const alternatives = new Set(value.split('|'));
    return (candidate) => alternatives.has(candidate) === isWanted;
  }
  const pattern = compileRe2(value);
  return (candidate) => pattern.matches(candidate) === isWanted;
}

export function compileMatchers(matchers: readonly LabelMatcher[]): (labels: Labels) => boolean {
  const tests = matchers.map((matcher) => ({ name: matcher.name, matches: compileMatcher(matcher) }));
  return (labels) => tests.every(({ name, matches }) => matches(labelValue(labels, name)));
}
