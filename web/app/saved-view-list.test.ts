import { describe, expect, it } from 'vitest';
import { readViews, withoutView, withView } from './saved-view-list.ts';

describe('saved views', () => {
  it('are kept by name, in order, and replaced by one of the same name', () => {
    const one = withView([], { name: ' slow ', search: '?min=1s' });
    const two = withView(one, { name: 'errors', search: '?status=error' });
    expect(two.map(({ name }) => name)).toEqual(['errors', 'slow']);
    expect(withView(two, { name: 'slow', search: '?min=2s' })[1]?.search).toBe('?min=2s');
    expect(withoutView(two, 'errors')).toEqual(one);
    expect(withView(two, { name: '  ', search: '' })).toEqual(two);
  });

  it('come back as they were, and never as anything that leads elsewhere', () => {
    const views = withView([], { name: 'slow', search: '?min=1s' });
    expect(readViews(JSON.stringify(views))).toEqual(views);
    const hostile = [{ name: 'x', search: '//evil.example' }, { name: 1, search: '' }, null];
    for (const text of ['{', '{}', JSON.stringify(hostile), undefined]) expect(readViews(text)).toEqual([]);
  });
});
