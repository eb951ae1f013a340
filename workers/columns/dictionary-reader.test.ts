import { describe, expect, it } from 'vitest';
import type { DictionaryName, DictionarySnapshot } from '../../proto/columns/index.ts';
import { ByteBuffer, MalformedWire, WireReader } from '../wire/index.ts';
import { DictionaryGeneration, dictionaryReader, readAnyValue, type AnyValue } from './index.ts';

function add(generation: DictionaryGeneration, name: DictionaryName, bytes: Uint8Array): number {
  return generation[name].intern(new WireReader().reset(bytes), 0, bytes.length);
}

function message(...fields: readonly (readonly [tag: number, value: Uint8Array | string])[]): Uint8Array {
  const out = new ByteBuffer();
  for (const [tag, value] of fields) {
    const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
    out.varint32(tag);
    out.varint32(bytes.length);
    out.append(bytes, 0, bytes.length);
  }
  return out.written();
}

function valueOf(...bytes: number[]): AnyValue {
  return readAnyValue(new WireReader().reset(Uint8Array.from(bytes)), bytes.length);
}

describe('readAnyValue', () => {
  it.each<[string, number[], AnyValue]>([
    ['nothing', [], { kind: 'empty' }],
    ['an empty string', [0x0a, 0], { kind: 'string', value: '' }],
    ['false', [0x10, 0], { kind: 'bool', value: false }],
    ['a long true', [0x10, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], { kind: 'bool', value: true }],
    ['an int', [0x18, 0xac, 0x02], { kind: 'int', value: 300n }],
    [
      'the least int',
      [0x18, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
      { kind: 'int', value: -(2n ** 63n) },
    ],
    ['a double', [0x21, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f], { kind: 'double', value: 1.5 }],
    ['bytes', [0x3a, 2, 1, 2], { kind: 'bytes', value: Uint8Array.of(1, 2) }],
    ['an array', [0x2a, 4, 0x0a, 2, 0x10, 1], { kind: 'array', values: [{ kind: 'bool', value: true }] }],
    [
      'an array in two pieces',
      [0x2a, 2, 0x0a, 0, 0x2a, 2, 0x0a, 0],
      { kind: 'array', values: [{ kind: 'empty' }, { kind: 'empty' }] },
    ],
    [
      'a list of pairs',
      [0x32, 5, 0x0a, 3, 0x0a, 1, 0x6b],
      { kind: 'kvlist', values: [{ key: 'k', value: undefined }] },
    ],
    ['the last of several', [0x0a, 1, 0x61, 0x10, 1], { kind: 'bool', value: true }],
    ['a string table index, which is none', [0x40, 7], { kind: 'empty' }],
    ['text that is not UTF-8', [0x0a, 2, 0x61, 0xff], { kind: 'string', value: 'a\ufffd' }],
    ['text with a byte order mark', [0x0a, 4, 0xef, 0xbb, 0xbf, 0x61], { kind: 'string', value: '\ufeffa' }],
  ])('reads %s', (_, bytes, value) => {
    expect(valueOf(...bytes)).toEqual(value);
  });

  it('refuses values that are cut off or too deep', () => {
    expect(() => valueOf(0x0a, 5, 0x61)).toThrow(MalformedWire);
    let deep = message([42, '']);
    for (let depth = 0; depth < 60; depth++) deep = message([42, message([10, deep])]);
    expect(() => valueOf(...deep)).toThrow(/more than 100 deep/);
  });
});

describe('dictionaryReader', () => {
  it('decodes an entry once, for all snapshots of a generation', () => {
    const generation = new DictionaryGeneration();
    const code = add(generation, 'attributes', message([10, 'key'], [18, message([10, 'value'])]));
    const early = generation.snapshot();
    const attribute = dictionaryReader(early).attribute(code);
    expect(attribute).toEqual({ key: 'key', value: { kind: 'string', value: 'value' } });
    const later = add(generation, 'attributes', message([10, 'other']));
    const late = generation.snapshot();
    expect(dictionaryReader(late).attribute(code)).toBe(attribute);
    expect(dictionaryReader(late).attribute(later)).toEqual({ key: 'other', value: undefined });
    expect(dictionaryReader(early)).toBe(dictionaryReader(late));
  });

  it('reads strings and bounds', () => {
    const generation = new DictionaryGeneration();
    const long = 'é'.repeat(5_000);
    const codes = [add(generation, 'strings', new TextEncoder().encode(long)), 0];
    const bounds = add(generation, 'bounds', new Uint8Array(Float64Array.of(0.5, 1.5).buffer));
    const reader = dictionaryReader(generation.snapshot());
    expect(codes.map((code) => reader.string(code))).toEqual([long, '']);
    expect([...reader.bounds(bounds)]).toEqual([0.5, 1.5]);
    expect(reader.bounds(0)).toHaveLength(0);
  });

  it('reads a snapshot that came from another thread', () => {
    const generation = new DictionaryGeneration();
    const code = add(
      generation,
      'scopes',
      message([10, message([10, 'http'], [18, '1.2'])], [26, 'https://schema']),
    );
    const received = structuredClone({ ...generation.snapshot(), id: -1 }) as DictionarySnapshot;
    expect(dictionaryReader(received).scope(code)).toEqual({
      name: 'http',
      version: '1.2',
      attributes: [],
      droppedAttributesCount: 0,
      schemaUrl: 'https://schema',
    });
  });

  it('says which code a generation does not have', () => {
    const reader = dictionaryReader(new DictionaryGeneration().snapshot());
    expect(() => reader.attribute(0)).toThrow(/has 0 attributes, and none with code 0/);
    expect(() => reader.string(-1)).toThrow(RangeError);
  });

  it('refuses an entry that is no message', () => {
    const generation = new DictionaryGeneration();
    const code = add(generation, 'metrics', Uint8Array.of(0x0a, 0x7f));
    expect(() => dictionaryReader(generation.snapshot()).metric(code)).toThrow(MalformedWire);
  });
});
