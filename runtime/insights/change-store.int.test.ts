import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ServiceChange } from '../../actors/ports/index.ts';
import type { ServiceId } from '../../proto/columns/index.ts';
import { CONTROL_ENGINES, type ControlEngine } from '../storage/postgres/control-engines-fixture.ts';
import { PostgresChangeStore } from './index.ts';

const T = 1_750_000_000_000;
const DAY_MS = 86_400_000;
const ALL_TIME = { fromMs: 0, toMs: 2 * T };
const CART = 'prod~~cart' as ServiceId;
const PAY = 'prod~~payment' as ServiceId;

const change = (minutes: number, serviceId = CART, more: Partial<ServiceChange> = {}): ServiceChange => ({
  ...{ serviceId, kind: 'deploy', name: `1.${minutes}`, atMs: T + minutes * 60_000 },
  ...more,
});

describe.each(CONTROL_ENGINES)('changes of services, control database %s', (_name, start) => {
  let engine: ControlEngine;
  let store: PostgresChangeStore;

  beforeAll(async () => {
    engine = await start();
    store = new PostgresChangeStore(engine.database, () => T);
  });
  afterAll(() => engine.end());
  beforeEach(async () => {
    await engine.database.query('DELETE FROM service_changes');
  });

  it('are kept once, whatever their names hold, and listed newest first', async () => {
    const odd = change(2, PAY, { kind: 'restart', name: 'NUL \u0000 and half a pair \ud800' });
    await store.save([]);
    await store.save([change(1), odd]);
    await store.save([change(1), change(3)]);
    expect(await store.list(ALL_TIME, 10, 'all')).toEqual([change(3), odd, change(1)]);
    expect(await store.list(ALL_TIME, 2, 'all')).toEqual([change(3), odd]);
  });

  it('are found by time, service and kind', async () => {
    const scaled = change(2, PAY, { kind: 'scaling', name: 'pod-7' });
    await store.save([change(1), scaled, change(3)]);
    const found = async (filter: object): Promise<readonly ServiceChange[]> =>
      store.list({ ...ALL_TIME, ...filter }, 10, 'all');
    expect(await found({ fromMs: T + 60_000, toMs: T + 180_000 })).toEqual([scaled, change(1)]);
    expect(await found({ service: PAY })).toEqual([scaled]);
    expect(await found({ kind: 'deploy' })).toEqual([change(3), change(1)]);
    expect(await found({ kind: 'restart' })).toEqual([]);
  });

  it('of hidden services are not there, also not for a limit', async () => {
    await store.save([change(1), change(2, PAY), change(3, PAY)]);
    const cartAlone = [{ name: 'cart' }];
    expect(await store.list(ALL_TIME, 1, cartAlone)).toEqual([change(1)]);
    expect(await store.list({ ...ALL_TIME, service: PAY }, 10, cartAlone)).toEqual([]);
  });

  it('go when they are old', async () => {
    await store.save([change(0, CART, { atMs: T - 31 * DAY_MS }), change(0, PAY, { atMs: T - 29 * DAY_MS })]);
    expect(await store.prune(30)).toBe(1);
    expect(await store.list(ALL_TIME, 10, 'all')).toHaveLength(1);
  });
});
