import { describe, expect, it } from 'vitest';
import type { RootCauseJson } from '../../../proto/api/index.ts';
import { causeTree, shownIds, treeStep, type CauseTree } from './cause-tree.ts';

const named = (name: string) => ({ id: name, namespace: '', name, environment: '' });
const cause = (way: string): RootCauseJson => {
  const path = way.split(' ').map(named);
  return {
    ...{ service: path.at(-1) ?? named(''), signal: 'latency', score: 0.3, explanation: '', evidence: [] },
    path,
  };
};

/** As text: `web(cart(store))`. */
function drawn(tree: CauseTree | undefined): string | undefined {
  const draw = (id: string): string => {
    const below = tree?.nodes.get(id)?.children ?? [];
    return below.length === 0 ? id : `${id}(${below.map(draw).join(' ')})`;
  };
  return tree?.roots.map(draw).join(' ');
}

const treeOf = (...ways: readonly string[]) => causeTree(ways.map(cause));

describe('the tree of causes', () => {
  it('has the symptom on top, ways that share their beginning, and causes without a way beside it', () => {
    expect(drawn(treeOf('web cart store', 'queue', 'web cart', 'web search', 'web'))).toBe(
      'web(cart(store) search) queue',
    );
  });

  it('has every service once, though ways of several analyses differ', () => {
    expect(drawn(treeOf('web cart store', 'web search cart pay'))).toBe('web(cart(store pay))');
    expect(drawn(treeOf('web cart', 'cart web'))).toBe('web(cart)');
    expect(drawn(treeOf('cart', 'web cart store'))).toBe('web(cart(store))');
    expect(drawn(treeOf('a b a c', 'c'))).toBe('a(b(c))');
  });

  it('is not there where there is no way to any cause; a cause without one is a root', () => {
    const { path, ...old } = cause('web cart');
    expect(path).toHaveLength(2);
    expect(causeTree([old])).toBeUndefined();
    expect(causeTree([])).toBeUndefined();
    expect(drawn(causeTree([old, cause('web store')]))).toBe('web(store) cart');
    expect(treeOf('web', 'queue')).toBeUndefined();
    expect(causeTree([{ ...old, path: [] }])).toBeUndefined();
    expect(drawn(causeTree([{ ...old, path: [named('a'), named('b')] }, cause('web store')]))).toBe(
      'web(store) cart',
    );
  });
});

describe('keys in the tree of causes', () => {
  const tree = treeOf('web cart store', 'web search', 'queue') ?? { roots: [], nodes: new Map() };
  const press = (key: string, at: string, ...closed: readonly string[]) => {
    const step = treeStep(key, at, tree, new Set(closed));
    return step?.type === 'move' ? step.to : step?.type;
  };

  it('go up and down over what is shown', () => {
    expect(shownIds(tree, new Set())).toEqual(['web', 'cart', 'store', 'search', 'queue']);
    expect(press('ArrowDown', 'cart')).toBe('store');
    expect(press('ArrowDown', 'cart', 'cart')).toBe('search');
    expect(press('ArrowUp', 'search')).toBe('store');
    expect(press('ArrowUp', 'web')).toBeUndefined();
    expect(press('ArrowDown', 'queue')).toBeUndefined();
    expect([press('Home', 'search'), press('End', 'web')]).toEqual(['web', 'queue']);
  });

  it('open and close, and go in and out', () => {
    expect(press('ArrowRight', 'web')).toBe('cart');
    expect(press('ArrowRight', 'web', 'web')).toBe('open');
    expect(press('ArrowRight', 'store')).toBeUndefined();
    expect(press('ArrowLeft', 'cart')).toBe('close');
    expect(press('ArrowLeft', 'cart', 'cart')).toBe('web');
    expect(press('ArrowLeft', 'store')).toBe('cart');
    expect(press('ArrowLeft', 'queue')).toBeUndefined();
    expect(press('x', 'web')).toBeUndefined();
  });
});
