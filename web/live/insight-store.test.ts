import { describe, expect, it } from 'vitest';
import type { InsightJson } from '../../proto/api/index.ts';
import type { Frame } from './frame.ts';
import { makeInsightStore } from './insight-store.ts';

const made = (id: string, changes: Partial<InsightJson> = {}): InsightJson =>
  ({ id, state: 'open', severity: 'info', startedUnixMs: 0, ...changes }) as unknown as InsightJson;

const frame = (mode: Frame['mode'], ...insights: readonly InsightJson[]): Frame => ({
  ...{
    topicKey: 'k',
    sequence: 1,
    mode,
    dropped: 0,
    cursor: undefined,
    subscription: undefined,
    gap: undefined,
    rowCount: insights.length,
    numbers: () => [],
  },
  strings: () => insights.map((insight) => JSON.stringify(insight)),
});

const ids = (insights: readonly InsightJson[]): string[] => insights.map(({ id }) => id);

describe('insights of a page', () => {
  it('are the worst first, then the newest', () => {
    const store = makeInsightStore();
    store.apply(
      frame('snapshot', made('a'), made('b', { severity: 'critical' }), made('c', { startedUnixMs: 9 })),
    );
    expect(ids(store.open())).toEqual(['b', 'c', 'a']);
    store.apply(frame('change', made('a', { severity: 'critical', startedUnixMs: 5 })));
    expect(ids(store.open())).toEqual(['a', 'b', 'c']);
  });

  it('hold no more once they are over, and are remembered', () => {
    const store = makeInsightStore();
    store.apply(frame('snapshot', made('a'), made('b')));
    store.apply(frame('change', made('a', { state: 'over' })));
    expect(ids(store.open())).toEqual(['b']);
    expect(store.get('a')?.state).toBe('over');
    store.apply(frame('change', made('a')));
    expect(ids(store.open()).sort()).toEqual(['a', 'b']);
    expect(store.get('c')).toBeUndefined();
  });

  it('are those of a snapshot alone once one comes', () => {
    const store = makeInsightStore();
    store.apply(frame('snapshot', made('a'), made('b')));
    store.apply(frame('snapshot', made('b')));
    expect(ids(store.open())).toEqual(['b']);
  });

  it('are no more than can be remembered', () => {
    const store = makeInsightStore();
    const over = (id: number): InsightJson => made(`i${id}`, { state: 'over' });
    store.apply(frame('change', ...Array.from({ length: 600 }, (_, id) => over(id))));
    expect(store.get('i99')).toBeUndefined();
    expect(store.get('i100')).toBeDefined();
    expect(store.get('i599')).toBeDefined();
  });
});
