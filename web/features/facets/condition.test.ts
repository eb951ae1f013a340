import { describe, expect, it } from 'vitest';
import { conditionTerm, partsOf } from './condition.ts';

describe('conditions', () => {
  it.each([
    [{ field: 'http.route', operator: 'is', value: '/cart' }, 'http.route:/cart'],
    [{ field: 'http.route', operator: 'is-not', value: 'a b' }, '-http.route:"a b"'],
    [{ field: 'user.id', operator: 'contains', value: '4*2' }, String.raw`user.id:*4\*2*`],
    [{ field: 'user.id', operator: 'begins', value: 'a b' }, String.raw`user.id:a\ b*`],
    [{ field: 'duration', operator: '>=', value: '500ms' }, 'duration>=500ms'],
    [{ field: 'zone', operator: 'exists', value: '' }, 'zone:*'],
    [{ field: 'zone', operator: 'missing', value: '' }, '-zone:*'],
    [{ field: ' a zone ', operator: 'is', value: 'b' }, String.raw`a\ zone:b`],
    [{ field: '', operator: 'contains', value: 'time "out"' }, String.raw`"time \"out\""`],
    [{ field: '', operator: 'is-not', value: 'health' }, '-"health"'],
    [{ field: 'zone', operator: 'is', value: ' ' }, undefined],
    [{ field: '', operator: '>=', value: '1' }, undefined],
    [{ field: 'duration', operator: '<', value: '1 OR 2' }, undefined],
  ] as const)('%j is %s', (condition, term) => {
    expect(conditionTerm(condition)).toBe(term);
  });
});

describe('the parts of a line', () => {
  it.each([
    ['', []],
    ['a b:"c d" -e', ['a', 'b:"c d"', '-e']],
    ['status:(ok OR unset) x', ['status:(ok OR unset)', 'x']],
    ['duration:[1ms TO 2s} x', ['duration:[1ms TO 2s}', 'x']],
    [String.raw`a\ b c\"d`, [String.raw`a\ b`, String.raw`c\"d`]],
    ['a OR b c', ['a OR b c']],
    ['NOT a', ['NOT a']],
    ['"open c', ['"open c']],
  ])('of %s', (line, parts) => {
    expect(partsOf(line)).toEqual(parts);
  });
});
