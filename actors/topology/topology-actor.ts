import type { AnyBatch, ServiceBatch } from '../../proto/columns/index.ts';
import { CallGraph, type CallEdge, type KnownCall, type TakenCalls } from '../../workers/topology/index.ts';
import type { ActorRef, ActorSystem } from '../system/index.ts';

export type TopologyMessage =
  /** Batches of one accepted request. */
  | { readonly type: 'append'; readonly batches: readonly ServiceBatch[] }
  /** Every few seconds: halves of calls that waited long enough stop waiting. */
  | { readonly type: 'rotate' }
  /** The actor's own: the next part of a rotation. */
  | { readonly type: 'step' }
  /** What was counted since the last time, to be reported as metrics. */
  | { readonly type: 'take-edges'; readonly reply: (edges: readonly CallEdge[]) => void }
  /** Who called whom of late, taken or not. */
  | { readonly type: 'read-calls'; readonly reply: (calls: readonly KnownCall[]) => void }
  /** Calls of services to services that do not name whom they call, since the last time: to be watched. */
  | { readonly type: 'take-unnamed-calls'; readonly reply: (taken: TakenCalls) => void }
  | { readonly type: 'read-pending'; readonly reply: (edges: readonly CallEdge[]) => void };

export type TopologyRef = ActorRef<TopologyMessage>;

const MAILBOX = 100_000;
const MIN_WAITING = 2 ** 12;
/** A third of them is enough for about 100,000 spans a second through a rotation of 5 s; 16 MiB. */
const MAX_WAITING = 2 ** 20;
const MAX_NODES = 10_000;

/**
 * Derives edges from spans. It keeps no history: edges become metrics of the platform's own (`take-edges`), so that
 * they are archived, replayed and queried as any metric is.
 */
export function spawnTopologyActor(system: ActorSystem): TopologyRef {
  const ref = system.spawn<TopologyState, TopologyMessage>({
    name: 'topology',
    kind: 'topology',
    capacity: MAILBOX,
    onCrash: 'resume',
    initialState: () => ({
      graph: new CallGraph({ minSlots: MIN_WAITING, maxSlots: MAX_WAITING, maxNodes: MAX_NODES }),
      isStepping: false,
    }),
    receive(state, message) {
      receiveTopology(state.graph, message);
      if (message.type === 'step') state.isStepping = false;
      if (state.graph.isRotating && !state.isStepping) {
        state.isStepping = system.tell(ref, { type: 'step' });
      }
      return state;
    },
  });
  return ref;
}

interface TopologyState {
  readonly graph: CallGraph;
  /** A `step` is in the mailbox. */
  isStepping: boolean;
}

function receiveTopology(graph: CallGraph, message: TopologyMessage): void {
  switch (message.type) {
    case 'append':
      for (const { service, batch } of message.batches) {
        const any = batch as AnyBatch;
        if (any.signal === 'traces') graph.add(service, any);
      }
      break;
    case 'rotate':
      graph.rotate();
      break;
    case 'step':
      graph.step();
      break;
    case 'take-edges':
      message.reply(graph.takeEdges());
      break;
    case 'read-calls':
      message.reply(graph.knownCalls());
      break;
    case 'take-unnamed-calls':
      message.reply(graph.takeUnnamedCalls());
      break;
    case 'read-pending':
      message.reply(graph.pendingEdges());
      break;
  }
}
