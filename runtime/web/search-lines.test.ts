import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSearch } from '../../workers/search/index.ts';
import { conditionTerm } from '../../web/features/facets/condition.ts';
import { lineOf, termOf, toggled } from '../../web/features/facets/search-terms.ts';

/** Of which no part is a well-known field or the owner of an attribute. */
const key = fc
  .tuple(fc.constantFrom('x', '-x'), fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }))
  .map(([start, text]) => `${start}${text}`);
const value = fc.string({ maxLength: 20, unit: 'grapheme' });

describe('search lines that the dashboard writes', () => {
  it('mean the attribute and the value that they were made of', () => {
    fc.assert(
      fc.property(key, value, (field, text) => {
        const parsed = parseSearch(termOf(field, text), 'logs');
        expect(parsed).toEqual({
          expression: expect.objectContaining({ type: 'attribute', owner: 'any', key: field }) as unknown,
        });
        expect(literalOf(parsed)).toBe(text);
      }),
    );
  });

  it('mean what was picked in the builder', () => {
    fc.assert(
      fc.property(key, value, fc.constantFrom('contains', 'begins'), (field, text, operator) => {
        const term = conditionTerm({ field, operator, value: text });
        if (text.trim() === '') {
          expect(term).toBeUndefined();
          return;
        }
        const parsed = parseSearch(term ?? '', 'logs');
        expect(parsed).toEqual({
          expression: expect.objectContaining({
            type: 'attribute',
            owner: 'any',
            key: field.trim(),
          }) as unknown,
        });
        expect(literalOf(parsed)).toBe(text);
      }),
    );
  });

  it('are understood with all filters of a form, around any line that is', () => {
    const filters = {
      service: 'prod%20eu~~cart',
      operation: 'GET /a "b"',
      status: 'ok',
      min: '1.5s',
      max: '2h',
    };
    const line = toggled('a OR NOT b', termOf('kind', 'server'), 'included');
    expect(parseSearch(lineOf(line, filters), 'traces')).not.toHaveProperty('error');
    expect(parseSearch(lineOf('', { minSeverity: '13' }), 'logs')).not.toHaveProperty('error');
  });
});

/** The text that every way to compare asks for. */
function literalOf(parsed: ReturnType<typeof parseSearch>): string | undefined {
  if (!('expression' in parsed)) return undefined;
  const { expression } = parsed;
  if (expression.type !== 'attribute' || expression.test.type !== 'pattern') return undefined;
  return expression.test.pattern.map((part) => (part.type === 'literal' ? part.text : '')).join('');
}
