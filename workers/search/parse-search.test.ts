import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { searchLines } from '../reference/index.ts';
import { parseSearch } from './index.ts';

function expressionOf(line: string, signal: 'traces' | 'logs' = 'traces'): unknown {
  const parsed = parseSearch(line, signal);
  return 'expression' in parsed ? parsed.expression : parsed.error;
}

const literal = (text: string) => [{ type: 'literal', text }];
const attribute = (key: string, test: object, owner = 'any') => ({ type: 'attribute', owner, key, test });

describe('parseSearch', () => {
  it('reads the line that the documentation shows', () => {
    expect(
      expressionOf('service:checkout "time out" -http.route:/health duration>500ms @user.id:42*'),
    ).toEqual({
      type: 'and',
      operands: [
        { type: 'service', part: 'name', test: { type: 'pattern', pattern: literal('checkout') } },
        { type: 'text', pattern: literal('time out') },
        { type: 'not', operand: attribute('http.route', { type: 'pattern', pattern: literal('/health') }) },
        { type: 'duration', minNano: 500_000_001n, maxNano: 2n ** 63n - 1n },
        attribute('user.id', { type: 'pattern', pattern: [...literal('42'), { type: 'any' }] }),
      ],
    });
  });

  it.each([
    ['', { type: 'everything' }],
    ['  ', { type: 'everything' }],
    [
      'a OR b c',
      {
        type: 'or',
        operands: [
          { type: 'text', pattern: literal('a') },
          { type: 'and', operands: ['b', 'c'].map((text) => ({ type: 'text', pattern: literal(text) })) },
        ],
      },
    ],
    ['NOT a', { type: 'not', operand: { type: 'text', pattern: literal('a') } }],
    ['ORDER', { type: 'text', pattern: literal('ORDER') }],
    ['foo-bar', { type: 'text', pattern: literal('foo-bar') }],
    ...['constructor', 'toString', '__proto__', 'hasOwnProperty'].map((key): [string, unknown] => [
      `${key}:x`,
      attribute(key, { type: 'pattern', pattern: literal('x') }),
    ]),
    ['key:*', attribute('key', { type: 'exists' })],
    ['key:"*"', attribute('key', { type: 'pattern', pattern: literal('*') })],
    ['key:""', attribute('key', { type: 'pattern', pattern: [] })],
    ['url:http://x:80/', attribute('url', { type: 'pattern', pattern: literal('http://x:80/') })],
    ['"odd key":x', attribute('odd key', { type: 'pattern', pattern: literal('x') })],
    ['@service:x', attribute('service', { type: 'pattern', pattern: literal('x') })],
    ['resource.host.name:x', attribute('host.name', { type: 'pattern', pattern: literal('x') }, 'resource')],
    ['key!=x', { type: 'not', operand: attribute('key', { type: 'pattern', pattern: literal('x') }) }],
    ['key:0.50', attribute('key', { type: 'pattern', pattern: literal('0.50'), number: { value: 0.5 } })],
    [
      'key>9007199254740993',
      attribute('key', {
        type: 'range',
        min: { value: 2 ** 53, whole: 9_007_199_254_740_993n, isInclusive: false },
      }),
    ],
    [
      'key<=9.007199254740993e15',
      attribute('key', {
        type: 'range',
        max: { value: 2 ** 53, whole: 9_007_199_254_740_993n, isInclusive: true },
      }),
    ],
    [
      'key<16384TiB',
      attribute('key', { type: 'range', max: { value: 2 ** 54, whole: 2n ** 54n, isInclusive: false } }),
    ],
    // As others write comparisons.
    ['key:>=10KiB', attribute('key', { type: 'range', min: { value: 10_240, isInclusive: true } })],
    ['key:<5', attribute('key', { type: 'range', max: { value: 5, isInclusive: false } })],
    ['duration:>500ms', { type: 'duration', minNano: 500_000_001n, maxNano: 2n ** 63n - 1n }],
    ['key:">5"', attribute('key', { type: 'pattern', pattern: literal('>5') })],
    ['key:\\>5', attribute('key', { type: 'pattern', pattern: literal('>5') })],
    ['key=>5', attribute('key', { type: 'pattern', pattern: literal('>5') })],
    ['key>=10KiB', attribute('key', { type: 'range', min: { value: 10_240, isInclusive: true } })],
    ['key:[1 TO *}', attribute('key', { type: 'range', min: { value: 1, isInclusive: true } })],
    [
      'status:(error OR ok)',
      {
        type: 'or',
        operands: [2, 1].map((code) => ({ type: 'number', column: 'statusCode', min: code, max: code })),
      },
    ],
  ])('reads %j', (line, expression) => {
    expect(expressionOf(line)).toEqual(expression);
  });

  it('knows the levels of logs', () => {
    const level = (min: number, max: number) => ({ type: 'number', column: 'severityNumber', min, max });
    expect(expressionOf('level:warn', 'logs')).toEqual(level(13, 16));
    expect(expressionOf('level>=WARN', 'logs')).toEqual(level(13, 255));
    expect(expressionOf('level>warn', 'logs')).toEqual(level(17, 255));
    expect(expressionOf('level:{info TO error]', 'logs')).toEqual(level(13, 20));
    expect(expressionOf('level:constructor', 'logs')).toMatchObject({ position: 6, found: 'constructor' });
  });

  it.each([
    ['(a', 2, 'a closing bracket', 'the end'],
    ['a)', 1, 'a term, AND, OR or the end', ')'],
    ['a OR', 4, 'a term: text, "quoted text", field:value, field>=value or ( … )', 'the end'],
    ['AND a', 0, 'a term: text, "quoted text", field:value, field>=value or ( … )', 'AND'],
    ['a "b', 4, 'a closing quote', 'the end'],
    ['duration>500 x', 9, 'a duration such as 500ms, 1.5s or 2m', '500'],
    ['x status:bad y', 9, 'one of unset, ok, error', 'bad'],
    ['trace:12', 6, '32 hexadecimal digits, or *', '12'],
    ['key:>abc', 5, 'a number such as 42, 0.5, 1e6 or 10KiB', 'abc'],
    ['key:>', 5, 'a value', 'the end'],
    ['key>abc', 4, 'a number such as 42, 0.5, 1e6 or 10KiB', 'abc'],
    ['key: x', 4, 'a value', ' '],
    ['key:[1 2]', 7, 'TO', '2]'],
    ['key:[* TO *]', 5, 'a range with at least one end', '*'],
    ['service>1', 8, 'a text: this field is not a number', '1'],
    ['@:x', 1, 'the name of an attribute', ':x'],
    ['@key', 4, 'a colon or comparison behind the name of the attribute', 'the end'],
    ['a*:x', 0, 'a name without wildcards', 'a*'],
    ['a \\', 3, 'a character behind the backslash', 'the end'],
    ['level:loud', 6, 'one of unset', ''],
  ])('says where %j is wrong and what was expected', (line, position, expected, found) => {
    if (line.startsWith('level')) {
      expect(expressionOf(line, 'logs')).toMatchObject({ position, found: 'loud' });
      return;
    }
    expect(expressionOf(line)).toEqual({ position, expected, found });
  });

  it('bounds what a line may ask for', () => {
    expect(expressionOf('a'.repeat(4_001))).toMatchObject({ position: 4_000 });
    expect(expressionOf('('.repeat(50))).toMatchObject({ expected: 'at most 40 levels of brackets' });
    expect(expressionOf('-'.repeat(50) + 'a')).toMatchObject({ expected: 'at most 40 negations' });
    expect(expressionOf('a '.repeat(300))).toMatchObject({ expected: 'at most 200 terms' });
  });

  it('reads every line of the small world, and answers any text at all', () => {
    fc.assert(
      fc.property(
        fc
          .constantFrom('traces' as const, 'logs' as const)
          .chain((signal) => fc.tuple(fc.constant(signal), searchLines(signal))),
        ([signal, line]) => {
          expect(parseSearch(line, signal)).toHaveProperty('expression');
        },
      ),
    );
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('ab:*?"\\()[]{}<>=!-@ .1ORANDTO\n𝄞')) }),
        (line) => {
          const parsed = parseSearch(line, 'traces');
          if ('error' in parsed) expect(parsed.error.position).toBeLessThanOrEqual(line.length);
          else expect(parsed.expression.type).toEqual(expect.any(String));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
