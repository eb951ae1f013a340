// Hot: once a client, server, producer or consumer span. Bench: bench/ingest.
import { serviceIdOf, type Batch, type ServiceKey } from '../../proto/columns/index.ts';
import { dictionaryReader } from '../columns/index.ts';
import { DurationSketch, durationBucket, signedAt, unsignedAt, wordsOf } from '../red/index.ts';
import type { CallNode } from './call-node.ts';
import { peerReader } from './peer-reader.ts';
import { newEntry, NODE_LIMIT, Role, type SpanEntry } from './span-table.ts';
import { UnnamedCalls, type TakenCalls } from './unnamed-calls.ts';
import { WaitingHalves, type WaitingOptions } from './waiting-halves.ts';

/** Calls from one node to another since the last time they were taken. */
export interface CallEdge {
  readonly from: CallNode;
  readonly to: CallNode;
  requests: number;
  errors: number;
  /** As the caller measured, where it did. */
  readonly durations: DurationSketch;
}

/** That one node calls another. */
export interface KnownCall {
  readonly from: CallNode;
  readonly to: CallNode;
}

export interface CallGraphOptions extends Pick<WaitingOptions, 'minSlots' | 'maxSlots'> {
  readonly maxNodes: number;
}

/** After which a call that was not seen again is forgotten: an hour of rotations of 5 s. */
const KNOWN_ROTATIONS = 720;
const MOST_KNOWN = 20_000;
/** A power of two. */
const RECENT_EDGES = 1_024;
/** In place of a node that found no room. */
const NO_ROOM = NODE_LIMIT - 1;
/** In place of a peer that is not named. */
const UNNAMED = -1;

const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;
const STATUS_ERROR = 2;

/**
 * Who calls whom. A client span and the server span that names it as parent are one call. A half whose other half does
 * not come within one to two rotations stands alone: a client span went to a host outside, and a server span was called
 * by the service whose server span it names as parent. Databases and queues are nodes at once.
 */
export class CallGraph {
  private readonly options: CallGraphOptions;
  private readonly waiting: WaitingHalves;
  /** The one at hand. */
  private readonly half = newEntry();
  private readonly nodes: CallNode[] = [];
  private readonly nodeIndex = new Map<string, number>();
  private edges = new Map<number, CallEdge>();
  /** Some of them, where the numbers of their nodes lead: a look into the map takes as long as the rest of counting. */
  private readonly recent: (CallEdge | undefined)[] = new Array<undefined>(RECENT_EDGES).fill(undefined);
  /** Calls of late, by the rotation in which they were last seen. */
  private readonly known = new Map<number, number>();
  private readonly unnamed = new UnnamedCalls();
  private rotations = 0;
  /** Calls left out because there are too many nodes, or too many spans with one id. */
  overflowed = 0;

  constructor(options: CallGraphOptions) {
    this.options = options;
    const onUnmet = (entry: Readonly<SpanEntry>): void => {
      this.countUnmet(entry);
    };
    this.waiting = new WaitingHalves({ ...options, onUnmet });
  }

  add(service: ServiceKey, batch: Batch<'traces'>): void {
    const { kind, spanId, parentSpanId, statusCode, attributes } = batch.columns;
    const self = this.indexOf({ id: serviceIdOf(service), name: service.name, type: 'service' });
    const ids = new Int32Array(spanId.buffer, spanId.byteOffset, batch.rowCount * 2);
    const parents = new Int32Array(parentSpanId.buffer, parentSpanId.byteOffset, batch.rowCount * 2);
    const starts = wordsOf(batch.columns.startTimeUnixNano);
    const durations = wordsOf(batch.columns.durationNano);
    const peers = peerReader(dictionaryReader(batch.dictionary));
    const { half } = this;
    for (let row = 0; row < batch.rowCount; row += 1) {
      const spanKind = kind[row] ?? 0;
      if (spanKind < SERVER || spanKind > CONSUMER) continue;
      const isCaller = spanKind === CLIENT || spanKind === PRODUCER;
      const peer = spanKind === SERVER ? undefined : peers.peerOf(attributes, row);
      const peerNode = peer === undefined ? UNNAMED : this.indexOf(peer);
      const nanos = Math.max(0, signedAt(durations, row));
      half.node = self;
      half.duration = durationBucket(nanos);
      half.second = Math.floor((unsignedAt(starts, row) + nanos) / 1e9);
      half.isError = statusCode[row] === STATUS_ERROR;
      if (peer && peer.type !== 'external') {
        this.count(isCaller ? self : peerNode, isCaller ? peerNode : self, half.duration, half.isError);
      } else if (isCaller) this.addClient(ids, row, peerNode);
      else this.addServer(ids, parents, row);
    }
  }

  /**
   * Halves that have waited through a whole rotation stop waiting. Call every few seconds, and then `step` until it is over: of many
   * halves this rotation is but the first part.
   */
  rotate(): void {
    this.waiting.turnOver();
    this.rotations += 1;
    for (const key of this.edges.keys()) this.remember(key);
  }

  /** Whether a rotation is under way. */
  get isRotating(): boolean {
    return this.waiting.isTurning;
  }

  /** The next part of a rotation. */
  step(): void {
    this.waiting.step();
  }

  /** Who called whom within the last hour or so, whether or not it was taken. */
  knownCalls(): readonly KnownCall[] {
    const calls: KnownCall[] = [];
    for (const [key, rotation] of this.known) {
      const from = this.nodes[Math.floor(key / NODE_LIMIT)];
      const to = this.nodes[key % NODE_LIMIT];
      if (rotation < this.rotations - KNOWN_ROTATIONS) this.known.delete(key);
      else if (from && to) calls.push({ from, to });
    }
    return calls;
  }

  /** What was counted since the last `takeEdges`. */
  pendingEdges(): readonly CallEdge[] {
    return [...this.edges.values()];
  }

  takeEdges(): readonly CallEdge[] {
    const taken = [...this.edges.values()];
    this.edges = new Map();
    this.recent.fill(undefined);
    return taken;
  }

  /** Calls of services to services that do not name whom they call, since the last time. */
  takeUnnamedCalls(): TakenCalls {
    return this.unnamed.take();
  }

  private addClient(ids: Int32Array, row: number, peer: number): void {
    const { waiting, half } = this;
    stand(half, Role.client, ids, row, peer, false);
    // A fan-out has several servers under one client.
    let place = waiting.find(half.low, half.high, Role.server);
    for (; place >= 0; place = waiting.find(half.low, half.high, Role.server, place)) {
      half.isMet = true;
      waiting.markMet(place);
      const to = waiting.nodeOf(place);
      const isError = half.isError || waiting.isError(place);
      this.count(half.node, to, half.duration, isError);
      if (peer === UNNAMED) this.countUnnamed(half.node, to, half.duration, isError, half.second);
    }
    this.wait(half);
  }

  private addServer(ids: Int32Array, parents: Int32Array, row: number): void {
    const { half } = this;
    stand(half, Role.server, parents, row, UNNAMED, false);
    if ((half.low !== 0 || half.high !== 0) && !this.meetsClient(half)) this.wait(half);
    stand(half, Role.own, ids, row, UNNAMED, true);
    this.wait(half);
  }

  private meetsClient(half: Readonly<SpanEntry>): boolean {
    const { waiting } = this;
    const place = waiting.find(half.low, half.high, Role.client);
    if (place < 0) return false;
    waiting.markMet(place);
    const from = waiting.nodeOf(place);
    const duration = waiting.durationOf(place);
    const isError = half.isError || waiting.isError(place);
    this.count(from, half.node, duration, isError);
    if (waiting.peerOf(place) === UNNAMED) {
      this.countUnnamed(from, half.node, duration, isError, half.second);
    }
    return true;
  }

  private countUnmet({ role, low, high, node, peer, duration, isError, second }: Readonly<SpanEntry>): void {
    if (role === Role.client) {
      this.count(node, peer, duration, isError);
      return;
    }
    const caller = this.serviceOf(low, high);
    this.count(caller, node, duration, isError);
    this.countUnnamed(caller, node, duration, isError, second);
  }

  /** The service whose server span has this id, or -1. */
  private serviceOf(low: number, high: number): number {
    const place = this.waiting.findGoing(low, high, Role.own);
    return place < 0 ? -1 : this.waiting.nodeOf(place);
  }

  private wait(entry: Readonly<SpanEntry>): void {
    if (this.waiting.isFull) {
      this.unnamed.lose();
      this.rotate();
    }
    if (!this.waiting.insert(entry)) this.overflowed += 1;
  }

  private count(from: number, to: number, duration: number, isError: boolean): void {
    const source = this.nodes[from];
    const target = this.nodes[to];
    if (!source || !target || from === to) return;
    const place = (from * 31 + to) & (RECENT_EDGES - 1);
    let edge = this.recent[place];
    if (edge?.from !== source || edge.to !== target) {
      edge = this.edgeOf(from * NODE_LIMIT + to, source, target);
      this.recent[place] = edge;
    }
    edge.requests += 1;
    if (isError) edge.errors += 1;
    edge.durations.add(duration);
  }

  private edgeOf(key: number, from: CallNode, to: CallNode): CallEdge {
    let edge = this.edges.get(key);
    if (!edge) {
      edge = { from, to, requests: 0, errors: 0, durations: new DurationSketch() };
      this.edges.set(key, edge);
      this.remember(key);
    }
    return edge;
  }

  /** One of the calls that were counted, of which only the spans of both sides together tell where it went. */
  private countUnnamed(from: number, to: number, duration: number, isError: boolean, second: number): void {
    const source = this.nodes[from];
    const target = this.nodes[to];
    if (!source || !target || from === to) return;
    this.unnamed.add(from * NODE_LIMIT + to, source, target, duration, isError, second);
  }

  private remember(key: number): void {
    if (this.known.has(key) || this.known.size < MOST_KNOWN) this.known.set(key, this.rotations);
  }

  /** `NO_ROOM` when there are too many nodes: hosts with ids in their names must not fill the memory. */
  private indexOf(node: CallNode): number {
    const known = this.nodeIndex.get(node.id);
    if (known !== undefined) return known;
    if (this.nodes.length >= Math.min(this.options.maxNodes, NO_ROOM)) {
      this.overflowed += 1;
      return NO_ROOM;
    }
    this.nodeIndex.set(node.id, this.nodes.length);
    this.nodes.push(node);
    return this.nodes.length - 1;
  }
}

/** Under which id of a row the half at hand stands, and as what. */
function stand(
  half: SpanEntry,
  role: Role,
  ids: Int32Array,
  row: number,
  peer: number,
  isMet: boolean,
): void {
  half.low = ids[2 * row] ?? 0;
  half.high = ids[2 * row + 1] ?? 0;
  half.role = role;
  half.peer = peer;
  half.isMet = isMet;
}
