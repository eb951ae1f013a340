import { describe, expect, it } from 'vitest';
import { anyValueText } from './value-text.ts';

describe('anyValueText', () => {
  it.each([
    [undefined, ''],
    [{ kind: 'empty' }, ''],
    [{ kind: 'string', value: 'as "is"' }, 'as "is"'],
    [{ kind: 'bool', value: false }, 'false'],
    [{ kind: 'int', value: -9_223_372_036_854_775_808n }, '-9223372036854775808'],
    [{ kind: 'double', value: 0.1 }, '0.1'],
    [{ kind: 'double', value: -Infinity }, '-Infinity'],
    [{ kind: 'bytes', value: Uint8Array.of(0, 255) }, 'AP8='],
    [
      {
        kind: 'kvlist',
        values: [
          { key: 'a"', value: { kind: 'array', values: [{ kind: 'int', value: 1n }, { kind: 'empty' }] } },
          { key: 'b', value: { kind: 'double', value: NaN } },
        ],
      },
      '{"a\\"":[1,null],"b":"NaN"}',
    ],
  ] as const)('of %o is %j', (value, text) => {
    expect(anyValueText(value)).toBe(text);
  });
});
