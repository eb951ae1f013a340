import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DictionaryGeneration, InterningTable } from './index.ts';

function source(text: string): { bytes: Uint8Array; view: DataView; length: number } {
  const bytes = new TextEncoder().encode(text);
  return {
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    length: bytes.length,
  };
}

function intern(table: InterningTable, text: string): number {
  const from = source(text);
  return table.intern(from, 0, from.length);
}

function entries(table: InterningTable): string[] {
  const { offsets, bytes, count } = table.snapshot();
  return Array.from({ length: count }, (_, code) =>
    new TextDecoder().decode(bytes.slice(offsets[code], offsets[code + 1])),
  );
}

describe('InterningTable', () => {
  it('gives equal bytes one code and other bytes another', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 12 }), { maxLength: 200 }), fc.integer(), (words, seed) => {
        const table = new InterningTable(seed);
        const expected: string[] = [];
        for (const word of words) {
          const code = intern(table, word);
          if (!expected.includes(word)) expected.push(word);
          expect(code).toBe(expected.indexOf(word));
        }
        expect(entries(table)).toEqual(expected);
      }),
    );
  });

  it('finds every entry again after it has grown', () => {
    const table = new InterningTable(1);
    for (let index = 0; index < 20_000; index++) expect(intern(table, `entry ${index}`)).toBe(index);
    for (let index = 0; index < 20_000; index++) expect(intern(table, `entry ${index}`)).toBe(index);
    expect(table.count).toBe(20_000);
  });

  it('keeps earlier snapshots as they were', () => {
    const table = new InterningTable(1);
    intern(table, 'first');
    const early = table.snapshot();
    const offsets = [...early.offsets];
    const bytes = [...early.bytes];
    for (let index = 0; index < 5_000; index++) intern(table, `later ${index}`);
    expect(early.count).toBe(1);
    expect([...early.offsets]).toEqual(offsets);
    expect([...early.bytes]).toEqual(bytes);
    expect(early.bytes.buffer).toBeInstanceOf(SharedArrayBuffer);
    const late = table.snapshot();
    expect([...late.offsets.subarray(0, 2)]).toEqual(offsets);
    expect(table.snapshot()).toBe(late);
  });

  it('tells apart entries of every size that differ in any one byte', () => {
    const table = new InterningTable(1);
    let count = 0;
    for (const size of [1, 3, 4, 7, 8, 9, 12, 118, 119, 120, 300]) {
      for (let round = 0; round < 2; round++) {
        for (let at = 0; at <= size; at++) {
          const code = intern(table, `${'a'.repeat(at)}b${'a'.repeat(size)}`.slice(0, size));
          expect(code).toBe(count + at);
        }
      }
      count += size + 1;
    }
    expect(table.count).toBe(count);
  });

  it('tells apart entries that differ in their last bytes only', () => {
    const table = new InterningTable(1);
    expect(['abcdefgh', 'abcdefgi', 'abcdefg', 'abcdef'].map((word) => intern(table, word))).toEqual([
      0, 1, 2, 3,
    ]);
  });
});

describe('DictionaryGeneration', () => {
  it('begins with the empty string and the empty list of bounds', () => {
    const { tables } = new DictionaryGeneration().snapshot();
    expect(tables.strings.count).toBe(1);
    expect(tables.strings.bytes).toHaveLength(0);
    expect(tables.bounds.count).toBe(1);
    expect(tables.attributes.count).toBe(0);
  });

  it('has an id that no other has, and one snapshot until it grows', () => {
    const generation = new DictionaryGeneration();
    expect(new DictionaryGeneration().id).not.toBe(generation.id);
    const snapshot = generation.snapshot();
    expect(generation.snapshot()).toBe(snapshot);
    intern(generation.strings, 'new');
    expect(generation.snapshot()).not.toBe(snapshot);
    expect(generation.snapshot().id).toBe(snapshot.id);
    expect([generation.entryCount, generation.sizeBytes]).toEqual([3, 3]);
  });
});
