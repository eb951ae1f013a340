import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSearch } from '../../search/index.ts';
import type { TextPattern } from '../../../proto/query/index.ts';
import { PatternMiner, patternSearchTerm, typedParameters } from './index.ts';

/** Naive: the pattern of the term's body as a regular expression. */
function finds(term: string, line: string): boolean {
  const parsed = parseSearch(term, 'logs');
  if ('error' in parsed) throw new Error(`${term}: ${parsed.error.expected}`);
  const { expression } = parsed;
  if (expression.type !== 'body') throw new Error(`${term} is of type ${expression.type}`);
  if (expression.test.type === 'exists') return line !== '';
  return regular(expression.test.pattern).test(line);
}

function regular(pattern: TextPattern): RegExp {
  const parts = pattern.map((part) =>
    part.type === 'literal'
      ? part.text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
      : part.type === 'any'
        ? '.*'
        : '.',
  );
  return new RegExp(`^${parts.join('')}$`, 'su');
}

describe('a search for a pattern', () => {
  it('is its template with wildcards, whatever stands in it', () => {
    const template = 'order <*> (of "<*>") could not: <*> tries';
    const term = patternSearchTerm(template, 'order 7 (of "a b") could not: 3 tries');
    expect(term).toBe('body:order\\ *\\ \\(of\\ \\"*\\"\\)\\ could\\ not\\:\\ *\\ tries');
    expect(finds(term, 'order 8 (of "x") could not: 12 tries')).toBe(true);
    expect(finds(term, 'order 8 (of "x") could not')).toBe(false);
    expect(finds(term, 'an order 8 (of "x") could not: 12 tries')).toBe(false);
  });

  it('takes an asterisk of the text for one', () => {
    const term = patternSearchTerm('area <*>*<*>', 'area 3*4');
    expect(term).toBe('body:area\\ *\\**');
    expect([finds(term, 'area 5*6'), finds(term, 'area 56')]).toEqual([true, false]);
  });

  it('lets any blanks stand where its example has others than single ones', () => {
    const term = patternSearchTerm('Error: gone at a (<*>) at b', 'Error: gone\n    at a (1:2)\n  at b');
    expect(finds(term, 'Error: gone\r\n\tat a (17)\n  at b\n')).toBe(true);
    expect(finds(term, 'Error: here\n  at a (17)\n  at b')).toBe(false);
  });

  it('of a template that was cut goes on', () => {
    expect(finds(patternSearchTerm('order <*> wa', 'order 7 was lost', true), 'order 8 was lost')).toBe(true);
    const long = `a ${'"'.repeat(5_000)}`;
    const term = patternSearchTerm(long, long);
    expect(term.length).toBeLessThan(4_000);
    expect(finds(term, long)).toBe(true);
  });

  it('finds each line of its pattern, of lines that programs write', () => {
    const word = fc.constantFrom(
      'order',
      'user',
      'GET',
      '-x',
      'a=b',
      '"id":',
      '[main]',
      'eth0',
      '*',
      '?',
      '\\',
      'é😈',
    );
    const value = fc.oneof(
      fc.nat().map(String),
      fc.constantFrom('10.0.0.1:80', '/api/v1/x?y=2', 'https://a.example/b', '0xfe', '3.5ms', 'true'),
      fc.uuid(),
    );
    const shape = fc.array(fc.oneof(word, fc.constant('<value>')), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(
        shape,
        fc.array(fc.array(value, { minLength: 7, maxLength: 7 }), { minLength: 1, maxLength: 6 }),
        (words, rows) => {
          const lines = rows.map((row) =>
            words.map((each, at) => (each === '<value>' ? row[at] : each)).join(' '),
          );
          const miner = new PatternMiner();
          const ids = lines.map((line) => miner.add(line));
          const templates = new Map(miner.patterns().map(({ id, template }) => [id, template]));
          for (const [at, line] of lines.entries()) {
            const template = templates.get(miner.currentId(ids[at] ?? '')) ?? '';
            const example = lines.find((_, other) => ids[other] === ids[at]) ?? '';
            expect(finds(patternSearchTerm(template, example), line)).toBe(true);
          }
        },
      ),
    );
  });

  it.each([
    ['nothing', ''],
    ['a megabyte', 'a '.repeat(1 << 19)],
    ['backslashes', '\\'.repeat(1 << 20)],
    ['wildcards', '<*>'.repeat(1 << 18)],
    ['asterisks', '*'.repeat(1 << 20)],
    ['quotes', '"'.repeat(1 << 20)],
    ['blanks', ' '.repeat(1 << 20)],
    ['NULs', '\0'.repeat(1 << 20)],
    ['halves of surrogate pairs', '\ud83d'.repeat(1 << 20)],
    ['pairs', '😈'.repeat(1 << 19)],
  ])('of %s is short and parses', (_, text) => {
    for (const isCut of [false, true]) {
      const term = patternSearchTerm(text, text, isCut);
      expect(term.length).toBeLessThan(4_000);
      expect('expression' in parseSearch(term, 'logs')).toBe(true);
    }
  });

  it('is a line that parses, whatever the template', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const parsed = parseSearch(patternSearchTerm(text, text), 'logs');
        expect('expression' in parsed).toBe(true);
      }),
    );
  });
});

it('parameters are of the lines that follow the template alone', () => {
  expect(
    typedParameters('order <*> took <*>', ['order  7 took 3ms', 'something else', 'order 8 took 4ms']),
  ).toEqual([
    { type: 'number', examples: ['7', '8'] },
    { type: 'quantity', examples: ['3ms', '4ms'] },
  ]);
});

it.each([
  ['a', 1 << 20],
  ['1', 1 << 20],
  ['a.', 1 << 19],
  ['a@', 1 << 19],
  [':', 1 << 20],
  ['1:', 1 << 19],
  ['-', 1 << 20],
  ['\ud83d', 1 << 20],
  ['\0', 1 << 20],
  ['', 0],
])('parameters of a line of %j are typed, however long it is', (text, count) => {
  const [parameter, ...others] = typedParameters('<*>', [text.repeat(count)]);
  expect(others).toEqual([]);
  expect(parameter?.examples).toHaveLength(1);
});
