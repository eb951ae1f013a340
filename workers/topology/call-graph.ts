// Hot: once a client, server, producer or consumer span. Bench: bench/ingest.
import { serviceIdOf, type Batch, type ServiceKey } from '../../proto/columns/index.ts';
import { dictionaryReader } from '../columns/index.ts';
import { DurationSketch, durationBucket, signedAt, wordsOf } from '../red/index.ts';
import { PeerReader, type VirtualPeer } from './peer-reader.ts';
import { Role, SpanTable } from './span-table.ts';

export interface CallNode {
  readonly id: string;
  readonly name: string;
  readonly type: 'service' | VirtualPeer['type'];
}

/** Calls from one node to another since the last time they were taken. */
export interface CallEdge {
  readonly from: CallNode;
  readonly to: CallNode;
  requests: number;
  errors: number;
  /** As the caller measured, where it did. */
  readonly durations: DurationSketch;
}

export interface CallGraphOptions {
  /** Halves that may wait at a time; a power of two. */
  readonly slots: number;
  readonly maxNodes: number;
}

const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;
const STATUS_ERROR = 2;
const NODE_LIMIT = 65_536;

/**
 * Who calls whom. A client span and the server span that names it as parent are one call. A half whose other half does
 * not come within one to two rotations stands alone: a client span went to a host outside, and a server span was called
 * by the service whose server span it names as parent. Databases and queues are nodes at once.
 */
export class CallGraph {
  private readonly options: CallGraphOptions;
  private current: SpanTable;
  private previous: SpanTable;
  private readonly nodes: CallNode[] = [];
  private readonly nodeIndex = new Map<string, number>();
  private edges = new Map<number, CallEdge>();
  /** Calls left out because `maxNodes` was reached. */
  overflowed = 0;

  constructor(options: CallGraphOptions) {
    this.options = options;
    this.current = new SpanTable(options.slots);
    this.previous = new SpanTable(options.slots);
  }

  add(service: ServiceKey, batch: Batch<'traces'>): void {
    const { kind, spanId, parentSpanId, durationNano, statusCode, attributes } = batch.columns;
    const self = this.indexOf({ id: serviceIdOf(service), name: service.name, type: 'service' });
    const ids = new Uint32Array(spanId.buffer, spanId.byteOffset, batch.rowCount * 2);
    const parents = new Uint32Array(parentSpanId.buffer, parentSpanId.byteOffset, batch.rowCount * 2);
    const durations = wordsOf(durationNano);
    const peers = new PeerReader(dictionaryReader(batch.dictionary));
    for (let row = 0; row < batch.rowCount; row += 1) {
      const spanKind = kind[row] ?? 0;
      if (spanKind < SERVER || spanKind > CONSUMER) continue;
      const isError = statusCode[row] === STATUS_ERROR;
      const duration = Math.max(0, signedAt(durations, row));
      const isCaller = spanKind === CLIENT || spanKind === PRODUCER;
      const peer = spanKind === SERVER ? undefined : peers.peerOf(attributes, row);
      const peerIndex = peer === undefined ? -1 : this.indexOf(peer);
      if (peer && peer.type !== 'external') {
        if (isCaller) this.count(self, peerIndex, duration, isError);
        else this.count(peerIndex, self, duration, isError);
      } else if (isCaller) {
        this.addClient(wordAt(ids, 2 * row), wordAt(ids, 2 * row + 1), self, peerIndex, duration, isError);
      } else {
        this.addServer(wordAt(parents, 2 * row), wordAt(parents, 2 * row + 1), self, duration, isError);
        this.wait(
          wordAt(ids, 2 * row),
          wordAt(ids, 2 * row + 1),
          Role.own,
          self,
          -1,
          duration,
          isError,
          true,
        );
      }
    }
  }

  /** Halves that have waited through a whole rotation stop waiting. Call every few seconds. */
  rotate(): void {
    const { previous } = this;
    previous.forEach((slot) => {
      if (previous.isMet[slot] === 1) return;
      const node = previous.node[slot] ?? -1;
      const isClient = previous.role[slot] === Role.client;
      const from = isClient ? node : this.serviceOf(wordAt(previous.low, slot), wordAt(previous.high, slot));
      const to = isClient ? (previous.peer[slot] ?? -1) : node;
      this.count(from, to, previous.durationNano[slot] ?? 0, previous.isError[slot] === 1);
    });
    previous.clear();
    this.previous = this.current;
    this.current = previous;
  }

  /** What was counted since the last `takeEdges`. */
  pendingEdges(): readonly CallEdge[] {
    return [...this.edges.values()];
  }

  takeEdges(): readonly CallEdge[] {
    const taken = [...this.edges.values()];
    this.edges = new Map();
    return taken;
  }

  private addClient(
    low: number,
    high: number,
    self: number,
    peer: number,
    durationNano: number,
    isError: boolean,
  ): void {
    let isMet = false;
    for (const table of [this.current, this.previous]) {
      // A fan-out has several servers under one client.
      let slot = table.find(low, high, Role.server);
      for (; slot >= 0; slot = table.find(low, high, Role.server, slot)) {
        isMet = true;
        table.isMet[slot] = 1;
        this.count(self, table.node[slot] ?? -1, durationNano, isError || table.isError[slot] === 1);
      }
    }
    this.wait(low, high, Role.client, self, peer, durationNano, isError, isMet);
  }

  private addServer(low: number, high: number, self: number, durationNano: number, isError: boolean): void {
    if (low === 0 && high === 0) return;
    for (const table of [this.current, this.previous]) {
      const slot = table.find(low, high, Role.client);
      if (slot < 0) continue;
      table.isMet[slot] = 1;
      this.count(
        table.node[slot] ?? 0,
        self,
        table.durationNano[slot] ?? 0,
        isError || table.isError[slot] === 1,
      );
      return;
    }
    this.wait(low, high, Role.server, self, -1, durationNano, isError, false);
  }

  /** The service whose server span has this id, or -1. */
  private serviceOf(low: number, high: number): number {
    for (const table of [this.current, this.previous]) {
      const slot = table.find(low, high, Role.own);
      if (slot >= 0) return table.node[slot] ?? -1;
    }
    return -1;
  }

  private wait(
    low: number,
    high: number,
    role: number,
    node: number,
    peer: number,
    durationNano: number,
    isError: boolean,
    isMet: boolean,
  ): void {
    if (this.current.isFull) this.rotate();
    const slot = this.current.insert(low, high, role);
    this.current.node[slot] = node;
    this.current.peer[slot] = peer;
    this.current.durationNano[slot] = durationNano;
    this.current.isError[slot] = isError ? 1 : 0;
    this.current.isMet[slot] = isMet ? 1 : 0;
  }

  private count(from: number, to: number, durationNano: number, isError: boolean): void {
    const source = this.nodes[from];
    const target = this.nodes[to];
    if (!source || !target || from === to) return;
    const key = from * NODE_LIMIT + to;
    let edge = this.edges.get(key);
    if (!edge) {
      edge = { from: source, to: target, requests: 0, errors: 0, durations: new DurationSketch() };
      this.edges.set(key, edge);
    }
    edge.requests += 1;
    if (isError) edge.errors += 1;
    edge.durations.add(durationBucket(durationNano));
  }

  /** -1 when there are too many nodes: hosts with ids in their names must not fill the memory. */
  private indexOf(node: CallNode): number {
    const known = this.nodeIndex.get(node.id);
    if (known !== undefined) return known;
    if (this.nodes.length >= Math.min(this.options.maxNodes, NODE_LIMIT)) {
      this.overflowed += 1;
      return -1;
    }
    this.nodeIndex.set(node.id, this.nodes.length);
    this.nodes.push(node);
    return this.nodes.length - 1;
  }
}

function wordAt(words: Uint32Array, index: number): number {
  return words[index] ?? 0;
}
