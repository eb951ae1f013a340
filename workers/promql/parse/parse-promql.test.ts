import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluatePromql } from '../evaluate/evaluate-promql.ts';
import { parsePromql } from './parse-promql.ts';
import { printPromql } from './print-promql.ts';
import { PromqlSyntaxError } from './promql-syntax-error.ts';

const window = { startMs: 0, endMs: 0, stepMs: 0 };

/** Without the places, which a reprint moves. */
const shape = (query: string): unknown =>
  JSON.parse(
    JSON.stringify(parsePromql(query), (key, value: unknown) =>
      key === 'from' || key === 'to' ? undefined : value,
    ),
  );

describe('a query', () => {
  it.each([
    ['sum(', '1:5', 'unexpected end of input, expected an expression'],
    ['foo{a="b"', '1:10', 'expected "," or "}" after a label matcher'],
    ['foo{a}', '1:6', 'expected one of =, !=, =~, !~ and a quoted value'],
    ['foo bar', '1:5', 'unexpected "bar", expected an operator or the end of the query'],
    ['rate(x[5m', '1:10', 'expected a duration and "]"'],
    ['sum(x)\n  + ', '2:5', 'expected an expression'],
    ['', '1:1', 'expected an expression'],
    ['nothing(x)', '1:1', 'unknown function with name "nothing"'],
    ['rate(x)', '1:6', 'expected type range vector in call to function "rate", got instant vector'],
    ['sum(x[5m])', '1:5', 'expected type instant vector in aggregation expression, got range vector'],
    ['topk(x)', '1:1', 'wrong number of arguments for aggregate expression provided, expected 2, got 1'],
    ['clamp(x, 1)', '1:1', 'expected 3 argument(s) in call to "clamp", got 2'],
    ['{}', '1:1', 'vector selector must contain at least one non-empty matcher'],
    ['{a=~".*"}', '1:1', 'vector selector must contain at least one non-empty matcher'],
    ['foo{__name__="bar"}', '1:1', 'metric name must not be set twice: "foo" or "bar"'],
    ['1 > 2', '1:3', 'comparisons between scalars must use BOOL modifier'],
    ['a + bool b', '1:3', 'bool modifier can only be used on comparison operators'],
    ['a and 1', '1:1', 'set operator "and" not allowed in binary scalar expression'],
    ['a and on(x) group_left b', '1:1', 'no grouping allowed for "and" operation'],
    ['a + on(x) group_left(x) b', '1:3', 'label "x" must not occur in ON and GROUP clause at once'],
    ['x @ Inf', '1:5', 'timestamp out of bounds for @ modifier'],
    ['x[0s]', '1:1', 'duration must be greater than 0'],
    ['sum(x) offset 5m', '1:1', 'offset modifier must be preceded by'],
    ['x offset 1m offset 2m', '1:1', 'offset may not be set multiple times'],
    ['x[5m][5m]', '1:1', 'ranges only allowed for vector selectors'],
    ['x{a=~"("}', '1:6', 'error parsing regexp'],
    ['"abc', '1:1', 'unterminated or malformed quoted string'],
    ['deriv(x[3m] smoothed)', '1:7', 'smoothed modifier can only be used with: delta, increase, rate'],
  ])('%j is refused at %s', (query, place, problem) => {
    const error = (() => {
      try {
        return parsePromql(query);
      } catch (refusal) {
        return refusal;
      }
    })();
    expect(error).toBeInstanceOf(PromqlSyntaxError);
    const { message, line, column } = error as PromqlSyntaxError;
    expect(`${line}:${column}`).toBe(place);
    expect(message).toContain(problem);
  });

  it.each([
    ['-2 ^ 2', '-2 ^ 2'],
    ['-metric offset 5m', '-metric offset 5m'],
    ['min_of(3,5)', 'min_of(3, 5)'],
    ['x offset STEP()', 'x offset step()'],
    ['SUM(x)BY(a,"b.c")', 'sum by (a, "b.c") (x)'],
    ['{"http.server.duration", "http.route"="/x"}', '{"http.server.duration","http.route"="/x"}'],
    ['rate(x[300s])', 'rate(x[5m])'],
    ['a+ignoring()b', 'a + b'],
    ['a/on(x)group_left(y)b', 'a / on (x) group_left (y) b'],
    ['a+fill(0)b', 'a + fill (0) b'],
    [
      'max_over_time(rate(x[1m])[1h:30s]@end() offset 1h30m)',
      'max_over_time(rate(x[1m])[1h:30s] @ end() offset 1h30m)',
    ],
    ['2. + .5', '2 + 0.5'],
    ['info(x)', 'info(x)'],
  ])('%s reads and prints as %s', (query, printed) => {
    expect(printPromql(parsePromql(query))).toBe(printed);
    expect(shape(printed)).toEqual(shape(query));
  });

  it('reads -2^2 as -(2^2)', () => {
    expect(parsePromql('-2^2')).toMatchObject({ type: 'unary', operator: '-', expr: { operator: '^' } });
  });

  it('breaks long lines so that the meaning stays', () => {
    const query = `sum by (a) (rate(${'x'.repeat(60)}{b="c"}[5m])) / on (a) group_left () sum by (a) (rate(${'y'.repeat(60)}[5m]))`;
    expect(printPromql(parsePromql(query)).split('\n').length).toBe(3);
    expect(shape(printPromql(parsePromql(query)))).toEqual(shape(query));
  });

  it.each([
    ['brackets', (levels: number) => `${'('.repeat(levels)}x${')'.repeat(levels)}`],
    ['signs', (levels: number) => `${'- '.repeat(levels)}x`],
    ['sums', (levels: number) => `x${'+x'.repeat(levels)}`],
    ['powers', (levels: number) => `2${'^2'.repeat(levels)}`],
    ['calls', (levels: number) => `${'abs('.repeat(levels)}x${')'.repeat(levels)}`],
  ])('may be nested, but not without end: %s', (_, nested) => {
    expect(() =>
      evaluatePromql({ query: nested(300), window, series: [], limits: { maxSamples: 1 } }),
    ).not.toThrow();
    for (const levels of [1_500, 3_000, 12_000]) {
      expect(() => parsePromql(nested(levels))).toThrow(PromqlSyntaxError);
      expect(() => parsePromql(nested(levels))).toThrow(
        'nested too deeply: more than 500 brackets, or 1000 levels',
      );
    }
  });

  it('counts no brackets of texts and comments as nested', () => {
    const many = '('.repeat(2_000);
    for (const query of [`x{a="\\"${many}"}`, `x{a='${many}'}`, `x{a=\`${many}\`}`, `x # ${many}\n + 1`]) {
      expect(() => parsePromql(query)).not.toThrow();
    }
    expect(() => parsePromql(`${'(x) + '.repeat(400)}x`)).not.toThrow();
  });

  it('never fails otherwise than with a place, whatever it is', () => {
    const pieces = fc.constantFrom(
      'sum',
      '(',
      ')',
      'x',
      '[5m]',
      '{',
      '}',
      'a="b"',
      ',',
      '+',
      'by',
      '1',
      '@',
      'offset',
      ':',
      '"',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (words) => {
        const query = words.join(' ');
        try {
          parsePromql(query);
        } catch (error) {
          if (!(error instanceof PromqlSyntaxError)) throw error;
          expect(error.offset).toBeLessThanOrEqual(query.length);
        }
        expect(query).toBeTypeOf('string');
      }),
      { numRuns: 500 },
    );
  });
});
