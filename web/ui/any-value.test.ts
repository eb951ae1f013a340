import { describe, expect, it } from 'vitest';
import { structuredBody } from '../features/logs/parse-body.ts';
import { attributesContain, textOfValue, typeOfValue } from './any-value.ts';

describe('attribute values', () => {
  it('keep 64-bit integers whole, also inside lists and maps', () => {
    const big = { intValue: '9223372036854775807' };
    expect(textOfValue(big)).toBe('9223372036854775807');
    const nested = {
      kvlistValue: { values: [{ key: 'a"b', value: { arrayValue: { values: [big, {}] } } }] },
    };
    expect(textOfValue(nested)).toBe('{"a\\"b": [9223372036854775807, null]}');
    expect([big, nested, {}, { doubleValue: 'NaN' as const }].map(typeOfValue)).toEqual([
      'int',
      'map',
      'empty',
      'double',
    ]);
  });

  it('are searched by key and value in any case', () => {
    const attributes = [{ key: 'User.Id', value: { stringValue: 'ÄGYPT' } }];
    expect(['user', 'ägy', 'x'].map((needle) => attributesContain(attributes, needle))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('are recognised as structure in log bodies', () => {
    expect(structuredBody({ stringValue: ' {"a":[1,null]}' })).toEqual({
      kvlistValue: { values: [{ key: 'a', value: { arrayValue: { values: [{ doubleValue: 1 }, {}] } } }] },
    });
    expect(structuredBody({ stringValue: '{broken' })).toBeUndefined();
    expect(structuredBody({ stringValue: 'plain' })).toBeUndefined();
  });
});
