import type { SyntaxNode } from '@lezer/common';
import { METRIC_NAME } from '../model/labels.ts';
import { compileMatcher, type LabelMatcher, type MatchOperator } from '../model/matcher.ts';
import { InvalidRegexError } from '../model/re2.ts';
import type { VectorSelector } from './ast.ts';
import { PromqlSyntaxError } from './promql-syntax-error.ts';
import { readName, readString, type Reading } from './reading.ts';

export function readSelector(reading: Reading, node: SyntaxNode): VectorSelector {
  const { query } = reading;
  const identifier = node.getChild('Identifier');
  const name = identifier ? query.slice(identifier.from, identifier.to) : undefined;
  const matchers = readMatchers(reading, node.getChild('LabelMatchers'));
  const named = matchers.find((matcher) => matcher.name === METRIC_NAME);
  if (name !== undefined && named !== undefined) {
    throw new PromqlSyntaxError(
      query,
      node,
      `metric name must not be set twice: "${name}" or "${named.value}"`,
    );
  }
  return {
    type: 'vector',
    ordinal: reading.selectors++,
    name,
    matchers:
      name === undefined ? matchers : [...matchers, { name: METRIC_NAME, operator: '=', value: name }],
    from: node.from,
    to: node.to,
  };
}

function readMatchers(reading: Reading, node: SyntaxNode | null): LabelMatcher[] {
  const matchers: LabelMatcher[] = [];
  for (let child = node?.firstChild ?? null; child !== null; child = child.nextSibling) {
    // A quoted name alone is the name of the metric: {"http.server.duration"}.
    if (child.name === 'QuotedLabelName') {
      matchers.push({ name: METRIC_NAME, operator: '=', value: readName(reading, child) });
    } else if (child.name === 'UnquotedLabelMatcher' || child.name === 'QuotedLabelMatcher') {
      matchers.push(readMatcher(reading, child));
    }
  }
  return matchers;
}

function readMatcher(reading: Reading, node: SyntaxNode): LabelMatcher {
  const [name, operator, value] = [node.firstChild, node.getChild('MatchOp'), node.lastChild];
  if (name === null || operator === null || value === null) {
    throw new PromqlSyntaxError(
      reading.query,
      node,
      'incomplete label matcher',
      'name, operator and quoted value',
    );
  }
  const matcher: LabelMatcher = {
    name: readName(reading, name),
    operator: reading.query.slice(operator.from, operator.to) as MatchOperator,
    value: readString(reading, value),
  };
  try {
    compileMatcher(matcher);
  } catch (error) {
    if (error instanceof InvalidRegexError) throw new PromqlSyntaxError(reading.query, value, error.message);
    throw error;
  }
  return matcher;
}
