import { describe, expect, it } from 'vitest';
import type { ServiceChange } from '../ports/index.ts';
import { changeSaver, ChangeWatch, describeChange } from './change-watch.ts';

const CART = { namespace: '', name: 'cart', environment: 'prod' };
const ID = 'prod~~cart';
const from = (version: string, instance: string) => [{ service: CART, version, instance }];

describe('changes of a service', () => {
  it('are a deploy, a restart and a scaling, once it has settled', () => {
    const watch = new ChangeWatch();
    expect(watch.add([...from('1.0', 'a'), ...from('1.0', 'b')], 0)).toEqual([]);
    expect(watch.add(from('1.1', 'a'), 30_000)).toEqual([]);
    expect(watch.add(from('2.0', 'c'), 61_000)).toEqual([
      { serviceId: ID, kind: 'deploy', name: '2.0', atMs: 61_000 },
    ]);
    expect(watch.add(from('2.0', 'd'), 70_000)).toEqual([
      { serviceId: ID, kind: 'scaling', name: 'd', atMs: 70_000 },
    ]);
    expect(watch.add(from('2.0', 'e'), 200_000)).toEqual([
      { serviceId: ID, kind: 'restart', name: 'e', atMs: 200_000 },
    ]);
    expect(watch.add(from('2.0', 'e'), 210_000)).toEqual([]);
    expect(watch.between(61_000, 70_000).map(describeChange)).toEqual([
      'deploy of version 2.0',
      'new instance d',
    ]);
  });

  it('wait while the store does not take them, and go there once', async () => {
    const taken: ServiceChange[] = [];
    let isDown = true;
    const saver = changeSaver({
      save(changes) {
        if (isDown) return Promise.reject(new Error('the store is down'));
        taken.push(...changes);
        return Promise.resolve();
      },
    });
    const change: ServiceChange = {
      serviceId: ID as ServiceChange['serviceId'],
      kind: 'deploy',
      name: '2',
      atMs: 5,
    };
    saver.put([change]);
    await saver.save(0);
    expect(saver.waitingCount).toBe(1);
    isDown = false;
    // Not before its time.
    await saver.save(1_999);
    expect(taken).toEqual([]);
    await saver.save(2_000);
    await saver.save(4_000);
    expect(taken).toEqual([change]);
  });
});
