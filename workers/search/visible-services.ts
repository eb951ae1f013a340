import type { ServiceMatcher, VisibleServices } from '../../proto/access/index.ts';
import { parseServiceId, type ServiceKey } from '../../proto/columns/index.ts';
import {
  EVERYTHING,
  type PatternPart,
  type SearchExpression,
  type TextPattern,
} from '../../proto/query/index.ts';
import { TextMatcher } from './text-matcher.ts';

const PARTS = ['environment', 'namespace', 'name'] as const;
const encoder = new TextEncoder();

/** What somebody may see, as a condition that both tiers understand. */
export function visibleSearch(visible: VisibleServices): SearchExpression {
  if (visible === 'all') return EVERYTHING;
  return {
    type: 'or',
    // Of nothing at all: a condition that holds for none.
    operands: visible.length === 0 ? [{ type: 'not', operand: EVERYTHING }] : visible.map(matcherSearch),
  };
}

function matcherSearch(matcher: ServiceMatcher): SearchExpression {
  const operands = PARTS.flatMap((part): SearchExpression[] => {
    const pattern = matcher[part];
    return pattern === undefined
      ? []
      : [{ type: 'service', part, test: { type: 'pattern', pattern: patternOf(pattern) } }];
  });
  return operands.length === 0 ? EVERYTHING : { type: 'and', operands };
}

/** Compiled once, asked for each service. */
export function visibilityTest(visible: VisibleServices): (service: ServiceKey) => boolean {
  if (visible === 'all') return () => true;
  const tests = visible.map((matcher) =>
    PARTS.flatMap((part) => {
      const pattern = matcher[part];
      return pattern === undefined ? [] : [{ part, matcher: new TextMatcher(patternOf(pattern)) }];
    }),
  );
  return (service) =>
    tests.some((ofMatcher) =>
      ofMatcher.every(({ part, matcher }) => {
        const bytes = encoder.encode(service[part]);
        return matcher.matches(bytes, 0, bytes.length);
      }),
    );
}

/** The same of a service's id; what is no id is not visible. */
export function visibleIds(visible: VisibleServices): (id: string) => boolean {
  if (visible === 'all') return () => true;
  const isVisible = visibilityTest(visible);
  return (id) => {
    const service = parseServiceId(id);
    return service !== undefined && isVisible(service);
  };
}

/** `*` stands for any text, everything else for itself. */
function patternOf(text: string): TextPattern {
  return text
    .split('*')
    .flatMap((literal, index): PatternPart[] => [
      ...(index === 0 ? [] : [{ type: 'any' } as const]),
      ...(literal === '' ? [] : [{ type: 'literal', text: literal } as const]),
    ]);
}
