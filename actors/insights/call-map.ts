import type { KnownCall, TakenCalls } from '../../workers/topology/index.ts';
import type { TopologyMessage } from '../topology/index.ts';
import type { EngineContext } from './engine-options.ts';

/** Who calls whom, as sets; nodes are services by id, and databases, queues and hosts outside. */
export class CallMap {
  readonly edges: readonly { readonly caller: string; readonly callee: string }[];
  /** From those that put something into a queue to those that take it out. */
  readonly handOvers: { readonly caller: string; readonly callee: string }[] = [];
  private readonly names = new Map<string, string>();
  /** Nodes that send no telemetry of their own. */
  readonly virtual = new Set<string>();
  private readonly callees = new Map<string, Set<string>>();
  private readonly neighbours = new Map<string, Set<string>>();

  constructor(known: readonly KnownCall[]) {
    // A call whose server span came late looks as if it went outside, to a host that is called like the service.
    const services = new Set(
      known.flatMap(({ from, to }) =>
        [from, to].filter(({ type }) => type === 'service').map(({ name }) => name),
      ),
    );
    const calls = known.filter(({ to }) => to.type !== 'external' || !services.has(to.name));
    this.edges = calls.map(({ from, to }) => ({ caller: from.id, callee: to.id }));
    for (const { from, to } of calls) {
      for (const { id, name, type } of [from, to]) {
        this.names.set(id, name);
        if (type !== 'service') this.virtual.add(id);
      }
      link(this.callees, from.id, to.id);
    }
    this.connect(calls);
  }

  isVirtual(node: string): boolean {
    return this.virtual.has(node);
  }

  nameOf(node: string): string | undefined {
    return this.names.get(node);
  }

  calls(caller: string, callee: string): boolean {
    return this.callees.get(caller)?.has(callee) === true;
  }

  /** Services that a service calls or is called by, over queues too; sharing a database is no neighbourhood. */
  neighboursOf(service: string): ReadonlySet<string> {
    return this.neighbours.get(service) ?? NONE;
  }

  /** The node and all that it calls, directly or not. */
  coneOf(nodes: Iterable<string>): ReadonlySet<string> {
    const cone = new Set(nodes);
    for (const node of cone) for (const callee of this.callees.get(node) ?? []) cone.add(callee);
    return cone;
  }

  private connect(calls: readonly KnownCall[]): void {
    for (const { from, to } of calls) {
      if (from.type === 'service' && to.type === 'service') this.join(from.id, to.id);
      if (from.type !== 'service' || to.type !== 'messaging') continue;
      for (const consumer of this.callees.get(to.id) ?? []) {
        this.join(from.id, consumer);
        this.handOvers.push({ caller: from.id, callee: consumer });
      }
    }
  }

  private join(one: string, other: string): void {
    link(this.neighbours, one, other);
    link(this.neighbours, other, one);
  }
}

const NONE: ReadonlySet<string> = new Set();

function link(map: Map<string, Set<string>>, from: string, to: string): void {
  const known = map.get(from);
  if (known === undefined) map.set(from, new Set([to]));
  else known.add(to);
}

/** As the calls are known now. */
export async function readCallMap({
  system,
  options,
}: Pick<EngineContext, 'system' | 'options'>): Promise<CallMap> {
  const calls = await system.ask<TopologyMessage, readonly KnownCall[]>(options.topology, (reply) => ({
    ...{ type: 'read-calls', reply },
  }));
  return new CallMap(calls);
}

/** Calls of services to services that do not name whom they call, since the last time. */
export function takeUnnamedCalls({
  system,
  options,
}: Pick<EngineContext, 'system' | 'options'>): Promise<TakenCalls> {
  return system.ask<TopologyMessage, TakenCalls>(options.topology, (reply) => ({
    ...{ type: 'take-unnamed-calls', reply },
  }));
}
