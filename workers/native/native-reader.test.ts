import { describe, expect, it } from 'vitest';
import { readNativeBlocks } from './native-reader.ts';

const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
const words = (...values: number[]): Buffer => Buffer.from(BigUint64Array.from(values, BigInt).buffer);
const floats = (...values: number[]): Buffer => Buffer.from(Float64Array.from(values).buffer);
const block = (rows: number, ...columns: (readonly [string, string, Buffer])[]): Buffer =>
  Buffer.concat([
    Buffer.from([columns.length, rows]),
    ...columns.flatMap(([name, type, data]) => [text(name), text(type), data]),
  ]);

describe('blocks of the Native format', () => {
  const bytes = block(
    2,
    ['id', 'UInt64', words(7, 9)],
    ['name', 'String', Buffer.concat([text('a'), text('bc')])],
    ['none', 'Array(UInt64)', words(0, 0)],
    ['list', 'Array(Float64)', Buffer.concat([words(1, 3), floats(1, 2, NaN)])],
    ['flags', 'UInt8', Buffer.from([1, 0])],
    [
      'nested',
      'Array(Array(UInt32))',
      Buffer.concat([words(1, 1), words(2), Buffer.from(Uint32Array.of(5, 6).buffer)]),
    ],
  );

  it('come column by column, one block after another, wherever they lie in memory', () => {
    for (const shift of [0, 1, 3]) {
      const all = Buffer.concat([Buffer.alloc(shift), bytes, bytes]).subarray(shift);
      const blocks = [...readNativeBlocks(all)];
      expect(blocks).toHaveLength(2);
      const columns = blocks[1]?.columns;
      expect(columns?.get('id')).toEqual({ kind: 'ids', ids: BigUint64Array.of(7n, 9n) });
      expect(columns?.get('name')).toEqual({ kind: 'texts', texts: ['a', 'bc'] });
      expect(columns?.get('none')).toMatchObject({ ends: Uint32Array.of(0, 0) });
      const list = columns?.get('list');
      expect(list?.kind === 'lists' && list.items.kind === 'numbers' && [...list.items.numbers]).toEqual([
        1,
        2,
        NaN,
      ]);
      const nested = columns?.get('nested');
      expect(nested?.kind === 'lists' && nested.items.kind === 'lists' && nested.items.ends).toEqual(
        Uint32Array.of(2),
      );
    }
  });

  it('share their numbers between threads', () => {
    const list = [...readNativeBlocks(bytes)][0]?.columns.get('list');
    const numbers = list?.kind === 'lists' && list.items.kind === 'numbers' ? list.items.numbers : undefined;
    expect(numbers?.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('are refused where they end too early or are of a type that nobody reads', () => {
    expect(() => [...readNativeBlocks(bytes.subarray(0, -3))]).toThrow('bytes are missing');
    expect(() => [...readNativeBlocks(block(1, ['d', 'Date', Buffer.from([1, 2])]))]).toThrow(
      'a column of type Date',
    );
  });
});
