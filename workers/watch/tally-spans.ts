// Hot: once a span. Bench: bench/detect.
import {
  serviceIdOf,
  type Batch,
  type ServiceBatch,
  type ServiceId,
  type ServiceKey,
} from '../../proto/columns/index.ts';
import { dictionaryReader } from '../columns/index.ts';
import {
  bucketNanos,
  durationBucket,
  DurationSketch,
  readRequests,
  signedAt,
  unsignedAt,
  wordsOf,
} from '../red/index.ts';
import { peerReader, type CallNode } from '../topology/index.ts';
import { AttributeTally, type TalliedAttributes } from './attribute-tally.ts';
import { CellCounts } from './cell-counts.ts';
import { ExceptionTally, type TalliedException } from './exception-tally.ts';
import { ResourceTally, type SeenResource } from './resource-tally.ts';

/** What was counted: all requests of a service, those of an operation, or calls of a service to a database, queue, host or service. */
export interface TalliedSeries {
  readonly service: ServiceKey;
  readonly kind: 'service' | 'operation' | 'peer';
  /** Of the operation; of a peer its id. */
  readonly name: string;
  readonly peer: CallNode | undefined;
}

/** Requests since the last time, an element a series; cells and durations in runs by series. */
export interface SpanTally {
  readonly series: readonly TalliedSeries[];
  readonly requests: Float64Array;
  readonly errors: Float64Array;
  /** Run i of `nanos` and `weights`. */
  readonly durationOffsets: Uint32Array;
  readonly nanos: Float64Array;
  readonly weights: Float64Array;
  /** Run i of `cells` and `cellRequests`. */
  readonly cellOffsets: Uint32Array;
  /** Starts of cells in which requests and calls ended, Unix ms. */
  readonly cells: Float64Array;
  readonly cellRequests: Float64Array;
  readonly exceptions: readonly TalliedException[];
  readonly resources: readonly SeenResource[];
  readonly attributes: readonly TalliedAttributes[];
}

export interface TallySpansInput {
  readonly cellMs: number;
}

/** Of one series. */
export interface Tally extends TalliedSeries {
  requests: number;
  errors: number;
  readonly durations: DurationSketch;
  readonly cells: CellCounts;
}

const CLIENT = 3;
const PRODUCER = 4;
const STATUS_ERROR = 2;
/** Of one service at a time; whoever keeps series has a bound of its own. */
const MOST_SERIES = 1_000;
const OTHERS = '(other operations)';

/** Of one service. */
class ServiceTallies {
  /** In the order in which they came up. */
  readonly all: Tally[] = [];
  private readonly service: ServiceKey;
  private readonly cellMs: number;
  private readonly named = {
    service: new Map<string, Tally>(),
    operation: new Map<string, Tally>(),
    peer: new Map<string, Tally>(),
  };
  /** Of operations, by the codes of their names in one generation of the dictionary. */
  private readonly byCode = new Map<number, Tally>();
  private generation = -1;

  constructor(service: ServiceKey, cellMs: number) {
    this.service = service;
    this.cellMs = cellMs;
  }

  /** What is one series too many is an operation among others. */
  of(kind: TalliedSeries['kind'], name: string, peer?: CallNode): Tally {
    const known = this.named[kind].get(name);
    if (known !== undefined) return known;
    if (this.all.length >= MOST_SERIES && kind !== 'service' && name !== OTHERS) {
      return this.of('operation', OTHERS);
    }
    const { service, cellMs } = this;
    const counts = { requests: 0, errors: 0, durations: new DurationSketch(), cells: new CellCounts(cellMs) };
    const tally = { service, kind, name, peer, ...counts };
    this.named[kind].set(name, tally);
    this.all.push(tally);
    return tally;
  }

  /** Operations, by the codes of their names in a generation; until another one is asked for. */
  operationsOf(generation: number): Map<number, Tally> {
    if (generation !== this.generation) this.byCode.clear();
    this.generation = generation;
    return this.byCode;
  }
}

/** Counts requests, errors and durations of everything that spans tell of; no object a span. */
export function tallySpans(
  { cellMs }: TallySpansInput,
  { batches }: { readonly batches: Iterable<ServiceBatch> },
): SpanTally {
  const services = new Map<ServiceId, ServiceTallies>();
  const exceptions = new ExceptionTally();
  const resources = new ResourceTally();
  const attributes = new AttributeTally();
  for (const { service, batch } of batches) {
    if (batch.signal !== 'traces') continue;
    const spans = batch as Batch<'traces'>;
    const id = serviceIdOf(service);
    let tallies = services.get(id);
    if (tallies === undefined) services.set(id, (tallies = new ServiceTallies(service, cellMs)));
    tallyRequests(tallies, spans);
    tallyCalls(tallies, spans);
    exceptions.add(id, service, spans);
    resources.add(id, service, spans);
    attributes.add(id, service, spans);
  }
  const all = [...services.values()].flatMap((tallies) => tallies.all);
  const listed = { exceptions: exceptions.list(), resources: resources.list() };
  return { ...packTallies(all), ...listed, attributes: attributes.list() };
}

function tallyRequests(tallies: ServiceTallies, batch: Batch<'traces'>): void {
  const dictionary = dictionaryReader(batch.dictionary);
  const whole = tallies.of('service', '');
  const byCode = tallies.operationsOf(batch.dictionary.id);
  const { count: requests, operations, seconds, buckets, errors } = readRequests(batch);
  for (let at = 0; at < requests; at += 1) {
    const code = operations[at] ?? 0;
    let tally = byCode.get(code);
    if (tally === undefined) {
      tally = tallies.of('operation', dictionary.string(code));
      byCode.set(code, tally);
    }
    const bucket = buckets[at] ?? 0;
    const failed = errors[at] ?? 0;
    const second = seconds[at] ?? 0;
    count(tally, bucket, failed, second);
    count(whole, bucket, failed, second);
  }
}

function tallyCalls(tallies: ServiceTallies, batch: Batch<'traces'>): void {
  const { kind, statusCode, attributes, startTimeUnixNano, durationNano } = batch.columns;
  const starts = wordsOf(startTimeUnixNano);
  const durations = wordsOf(durationNano);
  const peers = peerReader(dictionaryReader(batch.dictionary));
  const byPeer = new Map<CallNode, Tally>();
  for (let row = 0; row < batch.rowCount; row += 1) {
    if (kind[row] !== CLIENT && kind[row] !== PRODUCER) continue;
    const peer = peers.peerOf(attributes, row);
    if (peer === undefined) continue;
    let tally = byPeer.get(peer);
    if (tally === undefined) {
      tally = tallies.of('peer', peer.id, peer);
      byPeer.set(peer, tally);
    }
    const duration = Math.max(0, signedAt(durations, row));
    const second = Math.floor((unsignedAt(starts, row) + duration) / 1e9);
    count(tally, durationBucket(duration), statusCode[row] === STATUS_ERROR ? 1 : 0, second);
  }
}

function count(tally: Tally, bucket: number, failed: number, second: number): void {
  tally.requests += 1;
  tally.errors += failed;
  tally.durations.add(bucket);
  tally.cells.add(second);
}

export function packTallies(
  tallies: readonly Tally[],
): Omit<SpanTally, 'exceptions' | 'resources' | 'attributes'> {
  const durationOffsets = new Uint32Array(tallies.length + 1);
  const cellOffsets = new Uint32Array(tallies.length + 1);
  const nanos: number[] = [];
  const weights: number[] = [];
  const cells: number[] = [];
  const cellRequests: number[] = [];
  for (const [index, tally] of tallies.entries()) {
    tally.durations.forEach((bucket, weight) => {
      nanos.push(bucketNanos(bucket));
      weights.push(weight);
    });
    for (const [cell, requests] of tally.cells.entries()) {
      cells.push(cell);
      cellRequests.push(requests);
    }
    durationOffsets[index + 1] = nanos.length;
    cellOffsets[index + 1] = cells.length;
  }
  return {
    series: tallies.map(({ service, kind, name, peer }) => ({ service, kind, name, peer })),
    requests: Float64Array.from(tallies, ({ requests }) => requests),
    errors: Float64Array.from(tallies, ({ errors }) => errors),
    durationOffsets,
    nanos: Float64Array.from(nanos),
    weights: Float64Array.from(weights),
    cellOffsets,
    cells: Float64Array.from(cells),
    cellRequests: Float64Array.from(cellRequests),
  };
}
