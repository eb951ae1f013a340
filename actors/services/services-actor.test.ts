import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { AnyBatch, Batch, ServiceBatch, Signal } from '../../proto/columns/index.ts';
import { dictionaryReader } from '../../workers/columns/index.ts';
import { forgetDictionaries, logBatches, spanBatches } from '../fixtures/index.ts';
import type { ServiceWindow } from '../service/index.ts';
import { startActorSystem } from '../system/index.ts';
import { spawnServicesActor, type ServicesMessage } from './services-actor.ts';
import { WindowBudget } from './window-budget.ts';

beforeEach(forgetDictionaries);

function setUp(maxBytes = 1e9, maxAgeMs = 60_000, keepsUnarchived = true, maxServices = 100) {
  const evicted: number[][] = [];
  const joined: number[][] = [];
  const crashes: string[] = [];
  const clock = { nowMs: 1_000_000 };
  const system = startActorSystem(({ actor }) => crashes.push(actor));
  const budget = new WindowBudget({ maxBytes, maxAgeMs, keepsUnarchived });
  const services = spawnServicesActor(system, {
    budget,
    onEvicted: (segments) => evicted.push([...segments]),
    onJoined: (segments) => joined.push([...segments].sort()),
    maxServices,
    now: () => clock.nowMs,
  });
  const append = (segment: number, batches: readonly ServiceBatch[]): void => {
    system.tell(services, { type: 'append', segment, batches });
  };
  const windows = (signal: Signal): Promise<readonly ServiceWindow[]> =>
    system.ask<ServicesMessage, readonly ServiceWindow[]>(services, (reply) => ({
      type: 'snapshot',
      signal,
      reply,
    }));
  const rows = async (): Promise<Record<string, number>> => {
    return Object.fromEntries(
      (await windows('traces')).map(({ service, parts }) => [
        service.name,
        parts.reduce((sum, { batch }) => sum + batch.rowCount, 0),
      ]),
    );
  };
  return { system, services, budget, clock, crashes, evicted, joined, append, windows, rows };
}

describe('the services actor', () => {
  it('makes a service on first sight and keeps its batches', async () => {
    const { system, append, rows } = setUp();
    append(1, spanBatches([{}, {}, { service: 'pay' }]));
    append(1, spanBatches([{ service: 'pay' }]));
    append(1, logBatches([{ service: 'pay' }]));
    expect(await rows()).toEqual({ cart: 2, pay: 2 });
    system.stop();
  });

  it('loses no window to a message on which one service crashes', async () => {
    const { system, append, rows, crashes } = setUp();
    append(1, spanBatches([{}, { service: 'pay' }]));
    const [good] = spanBatches([{}]);
    if (!good) throw new Error('no batch');
    const broken = { ...good, batch: { ...good.batch, columns: undefined } } as unknown as ServiceBatch;
    append(1, [broken]);
    append(1, spanBatches([{ service: 'pay' }]));
    expect(await rows()).toMatchObject({ pay: 2 });
    expect(crashes).toEqual(['service:~~cart']);
    expect(system.stats().find(({ kind }) => kind === 'service')).toMatchObject({ crashes: 1, actors: 2 });
    append(1, spanBatches([{}]));
    expect((await rows())['cart']).toBeGreaterThanOrEqual(2);
    system.stop();
  });

  it('drops the oldest segments when over budget, where it must never one that is not archived', async () => {
    const { system, services, budget, append, rows } = setUp(1);
    append(1, spanBatches([{}]));
    append(2, spanBatches([{}, {}]));
    expect(await rows()).toEqual({ cart: 3 });
    expect(budget.isFull).toBe(true);
    system.tell(services, { type: 'archived', through: 1 });
    expect(await rows()).toEqual({ cart: 2 });
    expect(budget.isFull).toBe(true);
    system.tell(services, { type: 'archived', through: 2 });
    expect(await rows()).toEqual({ cart: 0 });
    expect(budget.usedBytes).toBe(0);
    system.stop();
  });

  it('drops archived segments when they are too old', async () => {
    const { system, services, clock, append, rows } = setUp();
    append(1, spanBatches([{}]));
    await system.idle();
    clock.nowMs += 30_000;
    append(2, spanBatches([{}, {}]));
    system.tell(services, { type: 'archived', through: 2 });
    expect(await rows()).toEqual({ cart: 3 });
    clock.nowMs += 45_000;
    system.tell(services, { type: 'age' });
    expect(await rows()).toEqual({ cart: 2 });
    system.stop();
  });
  it('drops segments that are not archived when over budget, and tells of them', async () => {
    const { system, budget, append, rows, evicted } = setUp(7_000, 60_000, false);
    append(1, spanBatches([{}]));
    append(2, spanBatches([{}, {}]));
    expect(await rows()).toEqual({ cart: 3 });
    append(3, spanBatches([{}]));
    expect(await rows()).toEqual({ cart: 3 });
    expect(evicted).toEqual([[1]]);
    expect(budget.isFull).toBe(false);
    expect(budget.waitingItems).toBe(1);
    system.stop();
  });
  it('shows no more services than it may, and forgets those of which nothing is left', async () => {
    const { system, services, budget, clock, append, rows } = setUp(1e9, 60_000, false, 2);
    append(1, spanBatches([{ service: 'a' }, { service: 'b' }, { service: 'c' }, { service: 'c' }]));
    expect(await rows()).toEqual({ a: 1, b: 1 });
    expect(budget.waitingItems).toBe(2);
    clock.nowMs += 1_000_000;
    // What is not archived stays, and its service with it.
    system.tell(services, { type: 'age' });
    append(2, spanBatches([{ service: 'b' }, { service: 'c' }]));
    expect(await rows()).toEqual({ a: 1, b: 2 });
    system.tell(services, { type: 'archived', through: 1 });
    system.tell(services, { type: 'age' });
    append(2, spanBatches([{ service: 'c' }]));
    expect(await rows()).toEqual({ b: 1, c: 1 });
    expect(system.stats().find(({ kind }) => kind === 'service')?.actors).toBe(2);
    system.stop();
  });

  it('lets the windows go when the process is short of memory, and grows them again', async () => {
    const { system, services, budget, append, rows } = setUp(200_000, 60_000, false);
    for (const segment of [1, 2, 3, 4]) append(segment, spanBatches([{}]));
    system.tell(services, { type: 'age' });
    await system.idle();
    const used = budget.usedBytes;
    system.tell(services, { type: 'squeeze', excessBytes: used / 4 });
    const { cart = 0 } = await rows();
    expect([1, 2, 3]).toContain(cart);
    append(5, spanBatches([{}]));
    expect(await rows()).toEqual({ cart });
    for (let second = 0; second < 50; second += 1) system.tell(services, { type: 'age' });
    for (const segment of [6, 7]) append(segment, spanBatches([{}]));
    expect(await rows()).toEqual({ cart: cart + 2 });
    expect(budget.waitingItems).toBe(5 - cart);
    system.stop();
  });
});

describe('small batches of archived segments', () => {
  /** Names of a service's spans, part by part. */
  const namesOf = ({ parts }: ServiceWindow): string[][] =>
    parts.map(({ batch }) => {
      const { columns, dictionary } = batch as Batch<'traces'>;
      return [...columns.name].map((code) => dictionaryReader(dictionary).string(code));
    });

  it('become one a service and segment, with the same spans in the same order', async () => {
    const { system, services, budget, joined, crashes, evicted, append, windows } = setUp();
    for (const segment of [1, 2, 3, 4]) {
      for (const request of ['a', 'b', 'c']) {
        append(segment, [
          ...spanBatches([{ name: `${segment}${request}` }, { name: 'again' }, { service: 'pay' }]),
          ...logBatches([{}]),
        ]);
      }
    }
    const charged = async (): Promise<number> => {
      const all = [...(await windows('traces')), ...(await windows('logs'))].flatMap(({ parts }) => parts);
      return all.reduce((sum, { batch }) => sum + budget.sizeOf(batch as AnyBatch), 0);
    };
    const before = await windows('traces');
    const chargedBefore = await charged();
    const { usedBytes } = budget;
    system.tell(services, { type: 'archived', through: 4 });
    await vi.waitFor(() => {
      expect(joined).toEqual([[1, 2]]);
    });
    const [cart, pay] = await windows('traces');
    const loose = (segment: number): string[][] =>
      ['a', 'b', 'c'].map((request) => [`${segment}${request}`, 'again']);
    expect(cart && namesOf(cart)).toEqual([loose(1).flat(), loose(2).flat(), ...loose(3), ...loose(4)]);
    expect(cart?.parts.map(({ segment }) => segment)).toEqual([1, 2, 3, 3, 3, 4, 4, 4]);
    expect(pay?.parts).toHaveLength(8);
    expect((await windows('logs'))[0]?.parts).toHaveLength(8);
    // The last item keeps its number: latest arrivals are told by it.
    const lastOf = (window: ServiceWindow | undefined, index: number): number => {
      const part = window?.parts[index];
      return part ? part.firstOrdinal + part.batch.rowCount - 1 : Number.NaN;
    };
    expect(lastOf(cart, 0)).toBe(lastOf(before[0], 2));
    // Whoever has read the windows before goes on with what was there.
    expect(before[0] && namesOf(before[0])).toHaveLength(12);
    expect(usedBytes - budget.usedBytes).toBe(chargedBefore - (await charged()));
    expect(budget.usedBytes).toBeLessThan(usedBytes);
    // To the byte: evicting all of it leaves nothing on the account.
    system.tell(services, { type: 'squeeze', excessBytes: 1e9 });
    await system.idle();
    expect(evicted).toEqual([[1, 2, 3, 4]]);
    expect(budget.usedBytes).toBe(0);
    expect(crashes).toEqual([]);
    system.stop();
  });

  it('are joined once, and large ones not at all', async () => {
    const { system, services, joined, append, windows } = setUp();
    for (let request = 0; request < 3; request += 1) {
      append(1, spanBatches(Array.from({ length: 300 }, () => ({}))));
      append(1, spanBatches([{ service: 'pay' }]));
    }
    system.tell(services, { type: 'archived', through: 3 });
    system.tell(services, { type: 'archived', through: 4 });
    await vi.waitFor(() => {
      expect(joined).toEqual([[1]]);
    });
    system.tell(services, { type: 'archived', through: 5 });
    await system.idle();
    expect((await windows('traces')).map(({ parts }) => parts.length)).toEqual([3, 1]);
    expect(joined).toEqual([[1]]);
    system.stop();
  });
});
