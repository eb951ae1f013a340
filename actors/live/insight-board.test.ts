import { tableFromIPC } from '@uwdata/flechette';
import { describe, expect, it } from 'vitest';
import type { VisibleServices } from '../../proto/access/index.ts';
import type { InsightJson, ServiceJson } from '../../proto/api/index.ts';
import { INSIGHT_COLUMNS } from '../../proto/live/index.ts';
import { InsightBoard, insightLens } from './insight-board.ts';

const named = (name: string): ServiceJson => ({
  ...{ id: `production~shop~${name}`, environment: 'production', namespace: 'shop', name },
});
const [CART, PAYMENT] = [named('cart'), named('payment')];

function made(id: string, changes: Partial<InsightJson> = {}): InsightJson {
  const service = changes.service ?? CART;
  return {
    ...{ id, kind: 'anomaly', state: 'open', severity: 'warning', title: 't', explanation: '', service },
    ...{ services: [service], startedUnixMs: 1, detectedUnixMs: 2, updatedUnixMs: 3, endedUnixMs: null },
    ...{ score: 0.9, evidence: [], rootCauses: [], saturation: null, tip: null },
    ...changes,
  };
}

const lensOf = (visible: VisibleServices = 'all', service?: string) =>
  insightLens({ kind: 'insights', ...(service !== undefined && { service }) }, visible);
const ALL = lensOf();

function rowsOf(frame: Uint8Array | undefined) {
  if (!frame) return undefined;
  const table = tableFromIPC(frame);
  const head = Object.fromEntries(table.schema.metadata ?? []) as Record<string, string>;
  const rows = table.toArray() as { id: string; state: string; insight: string }[];
  return {
    head,
    sequence: Number(head['sequence']),
    rows,
    said: rows.map(({ id, state }) => `${id} ${state}`),
  };
}

describe('the board of insights', () => {
  it('shows those that hold, whole, oldest change first, and changes as they come', () => {
    const board = new InsightBoard(1_000);
    expect(rowsOf(board.read('k', ALL, 0))?.head).toEqual({
      topicKey: 'k',
      sequence: '1000',
      mode: 'snapshot',
    });
    board.change([made('a'), made('b')], 2_000);
    const frame = board.change([made('a', { title: 'worse' })], 2_000)('k', ALL);
    expect(rowsOf(frame)).toMatchObject({ said: ['a open'], head: { mode: 'change', sequence: '2001' } });
    const snapshot = rowsOf(board.read('k', ALL, 0));
    expect(snapshot).toMatchObject({
      said: ['b open', 'a open'],
      head: { mode: 'snapshot', sequence: '2001' },
    });
    expect(Object.keys(snapshot?.rows[1] ?? {})).toEqual(Object.keys(INSIGHT_COLUMNS));
    expect(JSON.parse(snapshot?.rows[1]?.insight ?? '')).toEqual(made('a', { title: 'worse' }));
  });

  it('sends those that are over once, and no more in snapshots', () => {
    const board = new InsightBoard(1_000);
    board.change([made('a'), made('b')], 2_000);
    const over = made('a', { state: 'over', endedUnixMs: 9 });
    expect(rowsOf(board.change([over], 3_000)('k', ALL))?.said).toEqual(['a over']);
    expect(rowsOf(board.read('k', ALL, 0))?.said).toEqual(['b open']);
    // It began again: it holds.
    expect(rowsOf(board.change([made('a')], 4_000)('k', ALL))?.said).toEqual(['a open']);
    expect(rowsOf(board.read('k', ALL, 0))?.said).toEqual(['b open', 'a open']);
  });

  it('gives who comes back exactly what they missed, ends included', () => {
    const board = new InsightBoard(1_000);
    const since = rowsOf(board.change([made('a'), made('b')], 2_000)('k', ALL))?.sequence ?? 0;
    expect(board.read('k', ALL, since)).toBeUndefined();
    board.change([made('c')], 3_000);
    board.change([made('a', { state: 'over' })], 4_000);
    expect(rowsOf(board.read('k', ALL, since))).toMatchObject({
      ...{ said: ['c open', 'a over'], head: { mode: 'change', sequence: '4000' } },
    });
    expect(rowsOf(board.read('k', ALL, 3_000))?.said).toEqual(['a over']);
    // From before the server started.
    expect(rowsOf(board.read('k', ALL, 999))).toMatchObject({
      ...{ said: ['b open', 'c open'], head: { mode: 'snapshot' } },
    });
  });

  it('shows each what they may see and want', () => {
    const board = new InsightBoard(1_000);
    const payment = made('p', { service: PAYMENT, services: [PAYMENT, CART] });
    const frameFor = board.change([made('a', { services: [CART, PAYMENT] }), payment], 2_000);
    expect(rowsOf(frameFor('k', lensOf('all', PAYMENT.id)))?.said).toEqual(['a open', 'p open']);
    expect(rowsOf(frameFor('k', lensOf('all', named('x').id)))).toBeUndefined();
    const cartOnly = [{ name: 'cart' }];
    expect(rowsOf(frameFor('k', lensOf(cartOnly)))?.said).toEqual(['a open']);
    expect(rowsOf(board.read('k', lensOf(cartOnly), 0))?.rows[0]?.insight).not.toContain('payment');
    // That it affects what they may not see is nothing they can ask for.
    expect(rowsOf(board.read('k', lensOf(cartOnly, PAYMENT.id), 0))?.said).toEqual([]);
    expect(rowsOf(board.read('k', lensOf([]), 0))?.said).toEqual([]);
  });

  it('takes an insight away from those it is no longer for', () => {
    const board = new InsightBoard(1_000);
    board.change([made('a', { services: [CART, PAYMENT] })], 2_000);
    const frameFor = board.change([made('a', { updatedUnixMs: 7 })], 3_000);
    const ofPayment = lensOf('all', PAYMENT.id);
    expect(rowsOf(frameFor('k', ofPayment))?.said).toEqual(['a over']);
    expect(rowsOf(frameFor('k', ALL))?.said).toEqual(['a open']);
    expect(rowsOf(board.read('k', ofPayment, 2_000))).toMatchObject({ said: [], head: { mode: 'snapshot' } });
    const moved = board.change([made('a', { service: PAYMENT })], 4_000);
    expect(rowsOf(moved('k', lensOf([{ name: 'cart' }])))?.said).toEqual(['a over']);
  });

  it.each([
    ['in number', 1_500, ''],
    ['in size', 20, 'x'.repeat(1_000_000)],
  ])(
    'is bounded %s, lets those go that changed longest ago, and says how many',
    (_what, count, explanation) => {
      const board = new InsightBoard(1_000);
      for (let i = 0; i < count; i += 1) board.change([made(`i${i}`, { explanation })], 2_000);
      const snapshot = rowsOf(board.read('k', ALL, 0));
      const shown = snapshot?.rows.length ?? 0;
      expect(shown).toBeGreaterThan(5);
      expect(shown).toBeLessThanOrEqual(Math.min(1_000, count - 1));
      expect(snapshot?.head['dropped']).toBe(String(count - shown));
      expect(snapshot?.rows.at(-1)?.id).toBe(`i${count - 1}`);
      // Whoever might have missed one that is let go begins anew.
      expect(rowsOf(board.read('k', ALL, 2_000))?.head['mode']).toBe('snapshot');
      // One that was let go and ends is none of those that are left out.
      board.change([made('i0', { state: 'over' })], 3_000);
      expect(rowsOf(board.read('k', ALL, 0))?.head['dropped']).toBe(String(count - shown - 1));
    },
  );
});
