// Hot: all spans of a segment pass here on their way to the archive. Bench: bench/ingest.
import { DURATION_BUCKETS, serviceIdOf, type Batch, type ServiceKey } from '../../proto/columns/index.ts';
import { dictionaryReader } from '../columns/index.ts';
import { durationBucket } from './duration-bucket.ts';
import { DurationSketch } from './duration-sketch.ts';
import { isRequestKind, STATUS_ERROR } from './span-requests.ts';
import { secondAt, signedAt, wordsOf } from './words.ts';

const SECONDS_A_MINUTE = 60;
/** Kinds are below. */
const KINDS = 256;

/** What one service, or one of its operations, did in a stretch of time. */
export interface Figures {
  readonly service: ServiceKey;
  /** Unix seconds of its begin. */
  readonly second: number;
  spans: number;
  requests: number;
  errors: number;
  /** Of requests. */
  readonly durations: DurationSketch;
}

export interface OperationFigures extends Figures {
  readonly name: string;
  readonly kind: number;
}

interface OfService {
  readonly seconds: Map<number, Figures>;
  /** By minute, then by code of the name and kind: of one generation of the dictionary. */
  readonly minutes: Map<number, Map<number, OperationFigures>>;
}

/**
 * Spans, requests, errors and durations of a segment: of each service by second, of each operation and kind by minute, by
 * the spans' starts. An operation may come twice when its name is in two generations of the dictionary.
 */
export class SegmentFigures {
  private readonly maxRows: number;
  private readonly services = new Map<string, OfService>();
  private readonly seconds: Figures[] = [];
  private readonly minutes: OperationFigures[] = [];
  /** Durations of one service's second, until the next second comes: by bucket, from the first to the last that is not 0. */
  private readonly counts = new Uint32Array(DURATION_BUCKETS);
  private firstBucket = DURATION_BUCKETS;
  private lastBucket = -1;

  /** `maxRows`: of either kind; beyond, it gives up: see `taken`. */
  constructor(maxRows: number) {
    this.maxRows = maxRows;
  }

  /** Undefined when there are too many rows. */
  get taken():
    { readonly seconds: readonly Figures[]; readonly minutes: readonly OperationFigures[] } | undefined {
    return this.isFull ? undefined : { seconds: this.seconds, minutes: this.minutes };
  }

  add(service: ServiceKey, batch: Batch<'traces'>): void {
    const { kind, parentSpanId, startTimeUnixNano, durationNano, name, statusCode } = batch.columns;
    const starts = wordsOf(startTimeUnixNano);
    const durations = wordsOf(durationNano);
    const parents = new Uint32Array(parentSpanId.buffer, parentSpanId.byteOffset, batch.rowCount * 2);
    const reader = dictionaryReader(batch.dictionary);
    const known = this.ofService(service, batch.dictionary.id);
    let inSecond: Figures | undefined;
    let inMinute: Map<number, OperationFigures> | undefined;
    let minute = -1;
    for (let row = 0; row < batch.rowCount; row += 1) {
      const second = secondAt(starts, row);
      if (inSecond?.second !== second) {
        this.keepCounts(inSecond);
        if (this.isFull) return;
        inSecond = this.secondOf(known, service, second);
        const itsMinute = second - (second % SECONDS_A_MINUTE);
        if (itsMinute !== minute) inMinute = minuteOf(known, itsMinute);
        minute = itsMinute;
      }
      const spanKind = kind[row] ?? 0;
      const code = name[row] ?? 0;
      let operation = inMinute?.get(code * KINDS + spanKind);
      if (operation === undefined) {
        if (this.isFull) break;
        operation = { ...empty(service, minute), name: reader.string(code), kind: spanKind };
        inMinute?.set(code * KINDS + spanKind, operation);
        this.minutes.push(operation);
      }
      inSecond.spans += 1;
      operation.spans += 1;
      const hasParent = parents[2 * row] !== 0 || parents[2 * row + 1] !== 0;
      if (hasParent && !isRequestKind(spanKind)) continue;
      const bucket = durationBucket(signedAt(durations, row));
      const isError = statusCode[row] === STATUS_ERROR;
      addRequest(inSecond, isError);
      addRequest(operation, isError);
      operation.durations.add(bucket);
      this.countBucket(bucket);
    }
    this.keepCounts(inSecond);
  }

  private countBucket(bucket: number): void {
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    if (bucket < this.firstBucket) this.firstBucket = bucket;
    if (bucket > this.lastBucket) this.lastBucket = bucket;
  }

  private keepCounts(figures: Figures | undefined): void {
    const { counts, firstBucket, lastBucket } = this;
    for (let bucket = firstBucket; bucket <= lastBucket; bucket += 1) {
      const count = counts[bucket] ?? 0;
      if (count > 0) figures?.durations.add(bucket, count);
    }
    counts.fill(0, firstBucket, lastBucket + 1);
    this.firstBucket = DURATION_BUCKETS;
    this.lastBucket = -1;
  }

  private get isFull(): boolean {
    return this.seconds.length > this.maxRows || this.minutes.length > this.maxRows;
  }

  private ofService(service: ServiceKey, generation: number): OfService {
    const id = `${generation} ${serviceIdOf(service)}`;
    let known = this.services.get(id);
    if (!known) {
      known = { seconds: new Map(), minutes: new Map() };
      this.services.set(id, known);
    }
    return known;
  }

  private secondOf({ seconds }: OfService, service: ServiceKey, second: number): Figures {
    let figures = seconds.get(second);
    if (!figures) {
      figures = empty(service, second);
      seconds.set(second, figures);
      this.seconds.push(figures);
    }
    return figures;
  }
}

function minuteOf({ minutes }: OfService, minute: number): Map<number, OperationFigures> {
  let operations = minutes.get(minute);
  if (!operations) {
    operations = new Map();
    minutes.set(minute, operations);
  }
  return operations;
}

function empty(service: ServiceKey, second: number): Figures {
  return { service, second, spans: 0, requests: 0, errors: 0, durations: new DurationSketch() };
}

function addRequest(figures: Figures, isError: boolean): void {
  figures.requests += 1;
  if (isError) figures.errors += 1;
}
