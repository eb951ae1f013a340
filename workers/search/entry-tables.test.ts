import { describe, expect, it } from 'vitest';
import type { DictionarySnapshot } from '../../proto/columns/index.ts';
import { dictionaryReader } from '../columns/index.ts';
import { createDecoder, jsonToWire } from '../decode/index.ts';
import { EntryTables, FAILS, OTHER, PASSES } from './entry-tables.ts';

const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } });

function dictionaryOf(...attributes: readonly object[]): DictionarySnapshot {
  const span = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), name: 'op', attributes };
  const request = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
  const wire = jsonToWire('traces', Buffer.from(JSON.stringify(request)));
  const decoded = 'undecodable' in wire ? wire : createDecoder().decode('traces', wire);
  if ('undecodable' in decoded) throw new Error(decoded.reason);
  const dictionary = decoded.batches[0]?.batch.dictionary;
  if (!dictionary) throw new Error('nothing was decoded');
  return dictionary;
}

describe('EntryTables', () => {
  const dictionary = dictionaryOf(
    text('user', 'a'),
    text('route', 'a'),
    text('user.id', 'a'),
    text('x', 'b'),
  );
  const nameOf = (code: number): string => dictionaryReader(dictionary).attribute(code).key;

  it.each([
    ['user', ['user']],
    ['nobody', []],
    [undefined, ['route', 'user', 'user.id', 'x']],
  ])('tests attributes of the key %s alone', (key, expected) => {
    const tested: string[] = [];
    const tables = new EntryTables(
      'attributes',
      (_bytes, _start, _end, code) => {
        tested.push(nameOf(code));
        return PASSES;
      },
      key,
    );
    const { states, hasAny } = tables.of(dictionary);
    expect(tested.sort()).toEqual(expected);
    expect(hasAny).toBe(expected.length > 0);
    for (let code = 0; code < dictionary.tables.attributes.count; code += 1) {
      expect(states[code]).toBe(expected.includes(nameOf(code)) ? PASSES : OTHER);
    }
  });

  it('tell an attribute that fails from one of another key', () => {
    const { states, hasAny } = new EntryTables('attributes', () => FAILS, 'user').of(dictionary);
    expect(hasAny).toBe(false);
    for (let code = 0; code < dictionary.tables.attributes.count; code += 1) {
      expect(states[code]).toBe(nameOf(code) === 'user' ? FAILS : OTHER);
    }
  });
});
