import { afterEach, describe, expect, it } from 'vitest';
import type { CallEdge } from '../../workers/topology/index.ts';
import { spanBatches } from '../fixtures/index.ts';
import { startActorSystem, type ActorSystem } from '../system/index.ts';
import { spawnTopologyActor, type TopologyMessage, type TopologyRef } from './topology-actor.ts';

const CLIENT = 3;

describe('the topology actor', () => {
  let system: ActorSystem | undefined;

  afterEach(() => {
    system?.stop();
  });

  it('comes to the end of a rotation by itself, however many halves wait', async () => {
    system = startActorSystem(({ error }) => {
      throw error;
    });
    const topology = spawnTopologyActor(system);
    // More than one step of a rotation looks at.
    const requests = 25;
    const spans = 1_000;
    for (let request = 0; request < requests; request += 1) {
      const batches = spanBatches(
        Array.from({ length: spans }, (_, span) => ({
          service: 'web',
          kind: CLIENT,
          spanId: (1 + request * spans + span).toString(16).padStart(16, '0'),
          attributes: { 'server.address': 'lb.example' },
        })),
      );
      system.tell(topology, { type: 'append', batches });
    }
    for (let rotation = 0; rotation < 2; rotation += 1) {
      system.tell(topology, { type: 'rotate' });
      await system.idle();
    }
    expect(await edgesOf(system, topology)).toEqual([`external:lb.example: ${requests * spans}`]);
  });
});

async function edgesOf(system: ActorSystem, topology: TopologyRef): Promise<string[]> {
  const edges = await system.ask<TopologyMessage, readonly CallEdge[]>(topology, (reply) => ({
    type: 'read-pending',
    reply,
  }));
  return edges.map(({ to, requests }) => `${to.id}: ${requests}`);
}
