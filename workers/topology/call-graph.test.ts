import { describe, expect, it } from 'vitest';

import { createDecoder, jsonToWire } from '../decode/index.ts';
import { CallGraph } from './call-graph.ts';

const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;
const decoder = createDecoder();

interface Call {
  readonly kind: number;
  readonly span: number;
  readonly parent?: number;
  readonly ms?: number;
  readonly isError?: boolean;
  readonly attributes?: Readonly<Record<string, string>>;
}

function add(graph: CallGraph, service: string, ...calls: readonly Call[]): void {
  const id = (value: number): string => value.toString(16).padStart(16, '0');
  const strings = (values: Readonly<Record<string, string>>): object[] =>
    Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  const spans = calls.map(({ kind, span, parent, ms = 1, isError = false, attributes = {} }) => ({
    traceId: '0123456789abcdef0123456789abcdef',
    spanId: id(span),
    ...(parent === undefined ? {} : { parentSpanId: id(parent) }),
    name: 'call',
    kind,
    startTimeUnixNano: '1000000000',
    endTimeUnixNano: String(1_000_000_000 + ms * 1e6),
    status: { code: isError ? 2 : 0 },
    attributes: strings(attributes),
  }));
  const request = {
    resourceSpans: [
      { resource: { attributes: strings({ 'service.name': service }) }, scopeSpans: [{ spans }] },
    ],
  };
  const wire = jsonToWire('traces', Buffer.from(JSON.stringify(request)));
  if ('undecodable' in wire) throw new Error(wire.reason);
  const decoded = decoder.decode('traces', wire);
  if ('undecodable' in decoded) throw new Error(decoded.reason);
  for (const part of decoded.batches) {
    const { service: key, batch } = part;
    graph.add(key, batch);
  }
}

function edges(graph: CallGraph): string[] {
  return graph
    .pendingEdges()
    .map(({ from, to, requests, errors }) => `${from.id} > ${to.id}: ${requests}/${errors}`)
    .sort();
}

const newGraph = (maxNodes = 100, slots = 64): CallGraph =>
  new CallGraph({ minSlots: slots, maxSlots: slots, maxNodes });

describe('CallGraph', () => {
  it('joins client and server spans in whichever order they come, with the client’s duration', () => {
    const graph = newGraph();
    add(graph, 'gateway', { kind: CLIENT, span: 1, ms: 50 });
    add(graph, 'cart', { kind: SERVER, span: 2, parent: 1, ms: 10 }, { kind: CLIENT, span: 4 });
    add(graph, 'pay', { kind: SERVER, span: 6, parent: 5, isError: true });
    add(graph, 'cart', { kind: CLIENT, span: 5, ms: 20 });
    expect(edges(graph)).toEqual(['~~cart > ~~pay: 1/1', '~~gateway > ~~cart: 1/0']);
    const [first] = graph.pendingEdges();
    expect((first?.durations.quantileNanos(0.5) ?? 0) / 1e6).toBeCloseTo(50, -1);
  });

  it('counts every consumer of one client span', () => {
    const graph = newGraph();
    add(graph, 'gateway', { kind: CLIENT, span: 1 });
    add(graph, 'a', { kind: SERVER, span: 2, parent: 1 });
    add(graph, 'b', { kind: SERVER, span: 3, parent: 1 });
    expect(edges(graph)).toEqual(['~~gateway > ~~a: 1/0', '~~gateway > ~~b: 1/0']);
  });

  it('counts every server that came before its client', () => {
    const graph = newGraph();
    add(graph, 'a', { kind: SERVER, span: 2, parent: 1 });
    add(graph, 'b', { kind: SERVER, span: 3, parent: 1 });
    add(graph, 'gateway', { kind: CLIENT, span: 1 });
    expect(edges(graph)).toEqual(['~~gateway > ~~a: 1/0', '~~gateway > ~~b: 1/0']);
  });

  it('takes the service of a parent server span for the caller when there is no client span', () => {
    const graph = newGraph();
    add(graph, 'proxy', { kind: SERVER, span: 1 }, { kind: SERVER, span: 3 });
    add(graph, 'cart', { kind: SERVER, span: 2, parent: 1, ms: 30, isError: true });
    add(graph, 'proxy', { kind: SERVER, span: 4, parent: 3 });
    graph.rotate();
    expect(edges(graph)).toEqual([]);
    graph.rotate();
    graph.rotate();
    expect(edges(graph)).toEqual(['~~proxy > ~~cart: 1/1']);
    const [edge] = graph.pendingEdges();
    expect((edge?.durations.quantileNanos(0.5) ?? 0) / 1e6).toBeCloseTo(30, -1);
  });

  it('makes databases and queues nodes of their own', () => {
    const graph = newGraph();
    const db = { 'db.system.name': 'postgresql', 'db.namespace': 'shop', 'server.address': 'db1' };
    const queue = { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders' };
    add(graph, 'cart', { kind: CLIENT, span: 1, attributes: db, isError: true });
    add(graph, 'cart', { kind: PRODUCER, span: 2, attributes: queue });
    add(graph, 'mail', { kind: CONSUMER, span: 3, parent: 2, attributes: queue });
    expect(edges(graph)).toEqual([
      'messaging:kafka orders > ~~mail: 1/0',
      '~~cart > database:postgresql shop: 1/1',
      '~~cart > messaging:kafka orders: 1/0',
    ]);
  });

  it('takes a client whose server never comes for a call to outside, after a while', () => {
    const graph = newGraph();
    add(graph, 'pay', { kind: CLIENT, span: 1, attributes: { 'server.address': 'bank.example' } });
    add(graph, 'pay', { kind: CLIENT, span: 2 });
    graph.rotate();
    expect(edges(graph)).toEqual([]);
    graph.rotate();
    expect(edges(graph)).toEqual(['~~pay > external:bank.example: 1/0']);
  });

  it('does not take a client whose server came for a call to outside', () => {
    const graph = newGraph();
    add(graph, 'gateway', { kind: CLIENT, span: 1, attributes: { 'server.address': 'cart' } });
    graph.rotate();
    add(graph, 'cart', { kind: SERVER, span: 2, parent: 1 });
    graph.rotate();
    graph.rotate();
    expect(edges(graph)).toEqual(['~~gateway > ~~cart: 1/0']);
  });

  it('gives edges once, bounds nodes, and survives more halves than it has room for', () => {
    const graph = newGraph(3, 64);
    for (let span = 1; span < 500; span += 1) {
      add(graph, 'a', { kind: CLIENT, span, attributes: { 'server.address': `host${span}` } });
    }
    graph.rotate();
    graph.rotate();
    expect(edges(graph)).toEqual(['~~a > external:host1: 1/0', '~~a > external:host2: 1/0']);
    expect(graph.overflowed).toBe(497);
    expect(graph.takeEdges()).toHaveLength(2);
    expect(graph.takeEdges()).toHaveLength(0);
  });

  it('knows calls of late, taken or not, and forgets them after about an hour', () => {
    const graph = newGraph();
    add(graph, 'gateway', { kind: CLIENT, span: 1 });
    add(graph, 'cart', { kind: SERVER, span: 2, parent: 1 });
    graph.takeEdges();
    expect(graph.knownCalls().map(({ from, to }) => `${from.id} > ${to.id}`)).toEqual(['~~gateway > ~~cart']);
    for (let rotation = 0; rotation < 730; rotation += 1) graph.rotate();
    expect(graph.knownCalls()).toEqual([]);
  });

  describe('of a large table, whose rotation takes several steps', () => {
    const CALLS = 2_000;
    const STEPS = 16;
    const large = (): CallGraph => newGraph(100, 2 ** 17);
    const outside = { 'server.address': 'lb.example' };
    const calls = Array.from({ length: CALLS }, (_, call) => call);
    /** Halves of the calls that come at a step. */
    const at = (step: number, make: (call: number) => Call): Call[] =>
      calls.filter((call) => call % STEPS === step).map(make);
    const client = (call: number): Call => ({ kind: CLIENT, span: 1 + call, attributes: outside });
    const server = (call: number): Call => ({ kind: SERVER, span: 100_000 + call, parent: 1 + call });
    const rotateInSteps = (graph: CallGraph, between: (step: number) => void): void => {
      graph.rotate();
      for (let step = 0; step < STEPS; step += 1) {
        between(step);
        if (graph.isRotating) graph.step();
      }
      expect(graph.isRotating).toBe(false);
    };
    const rotateWhole = (graph: CallGraph): void => {
      rotateInSteps(graph, () => undefined);
    };

    it('finds each half once, whether it was passed on already or not', () => {
      for (const [first, second] of [
        [client, server],
        [server, client],
      ] as const) {
        const graph = large();
        add(graph, first === client ? 'web' : 'cart', ...calls.map(first));
        rotateInSteps(graph, (step) => {
          if (step === 0) expect(graph.isRotating).toBe(true);
          add(graph, first === client ? 'cart' : 'web', ...at(step, second));
        });
        rotateWhole(graph);
        rotateWhole(graph);
        expect(edges(graph)).toEqual([`~~web > ~~cart: ${CALLS}/0`]);
      }
    });

    it('counts old halves as met or as outside, and none of them twice', () => {
      const graph = large();
      add(graph, 'web', ...calls.map(client));
      rotateWhole(graph);
      rotateInSteps(graph, (step) => {
        add(graph, 'cart', ...at(step, server));
      });
      const of = (to: string): number =>
        graph.pendingEdges().find((edge) => edge.to.id === to)?.requests ?? 0;
      expect(of('~~cart')).toBeGreaterThan(0);
      expect(of('external:lb.example')).toBeGreaterThan(0);
      expect(of('~~cart') + of('external:lb.example')).toBe(CALLS);
    });

    it('knows the service of a parent that goes with the same rotation', () => {
      const graph = large();
      add(graph, 'proxy', ...calls.map((call) => ({ kind: SERVER, span: 1 + call })));
      add(graph, 'cart', ...calls.map(server));
      rotateWhole(graph);
      rotateWhole(graph);
      expect(edges(graph)).toEqual([`~~proxy > ~~cart: ${CALLS}/0`]);
    });

    it('goes on with it as more halves come, so that it is over when the table is full again', () => {
      const graph = large();
      const fill = (first: number): void => {
        // Two halves each, of which a third of the slots makes the table full.
        const servers = Array.from({ length: 21_000 }, (_, index) => server(first + index));
        add(graph, 'cart', ...servers);
      };
      fill(0);
      graph.rotate();
      expect(graph.isRotating).toBe(true);
      fill(200_000);
      expect(graph.isRotating).toBe(false);
    });

    it('ends one before the next begins', () => {
      const graph = large();
      add(graph, 'web', ...calls.map(client));
      for (let rotation = 0; rotation < 3; rotation += 1) graph.rotate();
      expect(edges(graph)).toEqual([`~~web > external:lb.example: ${CALLS}/0`]);
    });
  });

  describe('of calls that name nobody', () => {
    /** As `edges`, of those alone. */
    const taken = (graph: CallGraph): string[] =>
      graph
        .takeUnnamedCalls()
        .calls.map(
          ({ from, to, requests, errors, durations, seconds }) =>
            `${from.id} > ${to.id}: ${requests}/${errors}, ${Math.round((durations.quantileNanos(0.5) ?? 0) / 1e6)} ms, ` +
            [...seconds].map(([second, count]) => `${count} in ${second}`).join(', '),
        )
        .sort();
    const asked = (maxNodes?: number): CallGraph => {
      const graph = newGraph(maxNodes);
      expect(graph.takeUnnamedCalls()).toEqual({ calls: [], isShort: false });
      return graph;
    };

    it('tells once, by whom they reach, whichever half comes first', () => {
      const graph = asked();
      add(graph, 'gateway', { kind: CLIENT, span: 1, ms: 50 }, { kind: CLIENT, span: 3, ms: 50 });
      add(graph, 'cart', { kind: SERVER, span: 2, parent: 1, ms: 10 });
      // Ends two seconds later.
      add(graph, 'cart', { kind: SERVER, span: 4, parent: 3, ms: 2_010, isError: true });
      add(graph, 'pay', { kind: SERVER, span: 6, parent: 5 });
      add(graph, 'cart', { kind: CLIENT, span: 5, ms: 20 });
      expect(taken(graph)).toEqual([
        '~~cart > ~~pay: 1/0, 20 ms, 1 in 1',
        '~~gateway > ~~cart: 2/1, 50 ms, 1 in 1, 1 in 3',
      ]);
      expect(taken(graph)).toEqual([]);
      expect(edges(graph)).toHaveLength(2);
    });

    it('tells of callers without a client span, in the second in which they ended', () => {
      const graph = asked();
      add(graph, 'proxy', { kind: SERVER, span: 1 });
      add(graph, 'cart', { kind: SERVER, span: 2, parent: 1, ms: 5_000, isError: true });
      graph.rotate();
      graph.rotate();
      expect(taken(graph)).toEqual(['~~proxy > ~~cart: 1/1, 4974 ms, 1 in 6']);
    });

    it.each([
      ['before', false],
      ['after', true],
    ])('leaves out those whose client names somebody, with its span %s the other', (_, isLate) => {
      // The host finds no room among the nodes: named it is, all the same.
      for (const maxNodes of [100, 2]) {
        const graph = asked(maxNodes);
        add(graph, 'gateway', { kind: SERVER, span: 9 });
        const client = (): void => {
          add(graph, 'gateway', { kind: CLIENT, span: 1, attributes: { 'server.address': 'lb.example' } });
        };
        if (!isLate) client();
        add(graph, 'cart', { kind: SERVER, span: 2, parent: 1 });
        if (isLate) client();
        expect(taken(graph)).toEqual([]);
        if (isLate || maxNodes === 100) expect(edges(graph)).toEqual(['~~gateway > ~~cart: 1/0']);
      }
    });

    it('says so when halves had to go before their time', () => {
      const graph = asked();
      for (let span = 1; span < 20; span += 1) add(graph, 'a', { kind: CLIENT, span });
      expect(graph.takeUnnamedCalls().isShort).toBe(false);
      for (let span = 20; span < 60; span += 1) add(graph, 'a', { kind: CLIENT, span });
      expect(graph.takeUnnamedCalls().isShort).toBe(true);
      expect(graph.takeUnnamedCalls().isShort).toBe(false);
    });
  });
});
