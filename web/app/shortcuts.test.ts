import { describe, expect, it } from 'vitest';
import { comboOf, makeShortcuts } from './shortcuts.ts';

describe('shortcuts', () => {
  const press = (key: string, more = {}) => ({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    ...more,
  });

  it('names combinations', () => {
    expect(comboOf(press('K', { metaKey: true }))).toBe('mod+k');
    expect(comboOf(press('?', { shiftKey: true }))).toBe('?');
    expect(comboOf(press('D', { shiftKey: true }))).toBe('shift+d');
    expect(comboOf(press('ArrowUp', { shiftKey: true }))).toBe('shift+arrowup');
    expect(comboOf(press(' '))).toBe('space');
  });

  it('gives a key to the one added last, and back when that one goes; not to fields unless meant for them', () => {
    const shortcuts = makeShortcuts();
    const ran: string[] = [];
    const key = (keys: string[], name: string, inFields = false) => ({
      keys,
      what: name,
      group: 'g',
      inFields,
      run: () => {
        ran.push(name);
      },
    });
    shortcuts.add([key(['p'], 'first'), key(['mod+k'], 'palette', true)]);
    const remove = shortcuts.add([key(['p'], 'second')]);
    expect(shortcuts.press(press('p'), false)).toBe(true);
    remove();
    shortcuts.press(press('p'), false);
    expect(shortcuts.press(press('p'), true)).toBe(false);
    expect(shortcuts.press(press('k', { ctrlKey: true }), true)).toBe(true);
    expect(shortcuts.press(press('x'), false)).toBe(false);
    expect(ran).toEqual(['second', 'first', 'palette']);
  });
});
