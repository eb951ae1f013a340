// Hot: once a span. Bench: bench/detect.
import { serviceIdOf, type Batch, type ServiceBatch, type ServiceKey } from '../../proto/columns/index.ts';
import { dictionaryReader } from '../columns/index.ts';
import {
  bucketNanos,
  durationBucket,
  DurationSketch,
  forEachRequest,
  signedAt,
  unsignedAt,
  wordsOf,
} from '../red/index.ts';
import { peerReader, type CallNode } from '../topology/index.ts';
import { AttributeTally, type TalliedAttributes } from './attribute-tally.ts';
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

/** Of one series; `cells`: requests by start of a cell, Unix ms. */
export interface Tally extends TalliedSeries {
  requests: number;
  errors: number;
  readonly durations: DurationSketch;
  readonly cells: Map<number, number>;
}

const CLIENT = 3;
const PRODUCER = 4;
const STATUS_ERROR = 2;
/** Of one service at a time; whoever keeps series has a bound of its own. */
const MOST_SERIES = 1_000;
const OTHERS = '(other operations)';

/** Counts requests, errors and durations of everything that spans tell of; no object a span. */
export function tallySpans(
  { cellMs }: TallySpansInput,
  { batches }: { readonly batches: Iterable<ServiceBatch> },
): SpanTally {
  const services = new Map<string, Map<string, Tally>>();
  const exceptions = new ExceptionTally();
  const resources = new ResourceTally();
  const attributes = new AttributeTally();
  for (const { service, batch } of batches) {
    if (batch.signal !== 'traces') continue;
    const spans = batch as Batch<'traces'>;
    const id = serviceIdOf(service);
    let tallies = services.get(id);
    if (tallies === undefined) services.set(id, (tallies = new Map<string, Tally>()));
    tallyRequests(service, tallies, spans, cellMs);
    tallyCalls(service, tallies, spans, cellMs);
    exceptions.add(service, spans);
    resources.add(service, spans);
    attributes.add(service, spans);
  }
  const all = [...services.values()].flatMap((tallies) => [...tallies.values()]);
  const listed = { exceptions: exceptions.list(), resources: resources.list() };
  return { ...packTallies(all), ...listed, attributes: attributes.list() };
}

function tallyRequests(
  service: ServiceKey,
  tallies: Map<string, Tally>,
  batch: Batch<'traces'>,
  cellMs: number,
): void {
  const dictionary = dictionaryReader(batch.dictionary);
  const whole = tallyOf(tallies, { service, kind: 'service', name: '', peer: undefined });
  const byCode = new Map<number, Tally>();
  forEachRequest(batch, (operation, second, _durationNano, bucket, isError) => {
    let tally = byCode.get(operation);
    if (tally === undefined) {
      const name = dictionary.string(operation);
      tally = tallyOf(tallies, { service, kind: 'operation', name, peer: undefined });
      byCode.set(operation, tally);
    }
    count(tally, bucket, isError);
    count(whole, bucket, isError);
    const cell = cellOf(second, cellMs);
    countIn(tally, cell);
    countIn(whole, cell);
  });
}

function tallyCalls(
  service: ServiceKey,
  tallies: Map<string, Tally>,
  batch: Batch<'traces'>,
  cellMs: number,
): void {
  const { kind, statusCode, attributes, startTimeUnixNano, durationNano } = batch.columns;
  const starts = wordsOf(startTimeUnixNano);
  const durations = wordsOf(durationNano);
  const peers = peerReader(dictionaryReader(batch.dictionary));
  for (let row = 0; row < batch.rowCount; row += 1) {
    if (kind[row] !== CLIENT && kind[row] !== PRODUCER) continue;
    const peer = peers.peerOf(attributes, row);
    if (peer === undefined) continue;
    const tally = tallyOf(tallies, { service, kind: 'peer', name: peer.id, peer });
    const duration = Math.max(0, signedAt(durations, row));
    count(tally, durationBucket(duration), statusCode[row] === STATUS_ERROR);
    countIn(tally, cellOf(Math.floor((unsignedAt(starts, row) + duration) / 1e9), cellMs));
  }
}

function tallyOf(tallies: Map<string, Tally>, series: TalliedSeries): Tally {
  const key = `${series.kind} ${series.name}`;
  const known = tallies.get(key);
  if (known !== undefined) return known;
  if (tallies.size >= MOST_SERIES && series.kind !== 'service' && series.name !== OTHERS) {
    return tallyOf(tallies, { ...series, kind: 'operation', name: OTHERS, peer: undefined });
  }
  const tally = { ...series, requests: 0, errors: 0, durations: new DurationSketch(), cells: new Map() };
  tallies.set(key, tally);
  return tally;
}

function count(tally: Tally, bucket: number, isError: boolean): void {
  tally.requests += 1;
  if (isError) tally.errors += 1;
  tally.durations.add(bucket);
}

/** Start of the cell that a second is in, Unix ms. */
export function cellOf(second: number, cellMs: number): number {
  return Math.floor((second * 1_000) / cellMs) * cellMs;
}

export function countIn({ cells }: Pick<Tally, 'cells'>, cell: number, requests = 1): void {
  cells.set(cell, (cells.get(cell) ?? 0) + requests);
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
    for (const [cell, requests] of tally.cells) {
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
