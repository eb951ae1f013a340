import { bucketNanos, durationBucket, DurationSketch } from '../../red/index.ts';
import { shapeOf } from './shape-of.ts';
import type { ShapeStep, ShapeTrace, TraceShape } from './shape-input.ts';

export interface TraceShapesOptions {
  /** Shapes that are told apart at most. */
  readonly mostShapes?: number;
  /** Of all calls of two shapes, those they have in common, from which on they count as one; above 1 none do. */
  readonly nearness?: number;
}

const MOST_SHAPES = 1_000;
const NEARNESS = 0.85;
const NANOS_A_MS = 1e6;

interface Tally {
  readonly hash: number;
  traces: number;
  failed: number;
  spans: number;
  variants: number;
  readonly durations: DurationSketch;
  readonly steps: readonly ShapeStep[];
  readonly stepsLeftOut: number;
  readonly calls: ReadonlySet<number>;
  readonly exampleTraceId: string;
  failedTraceId: string;
}

/**
 * What shapes traces have: structural clusters with their share, latency and failures.
 *
 * A trace is a tree of spans labelled by service and operation. A node's hash is of its label and the sorted set of its children's hashes, so that
 * neither the order of siblings nor how often the same one comes matters (canonical forms of unordered trees: Aho, Hopcroft & Ullman 1974,
 * hashed as in Merkle trees). Equal hashes are one shape; 53 bits leave a chance of 10⁻¹⁰ that any two of a thousand shapes are taken for one.
 * Shapes of which most calls (who calls what, and the tops) are the same are then near, and count with the most frequent of them: Jaccard
 * similarity, leader clustering (Hartigan 1975).
 *
 * Streaming and bounded: of more shapes than `mostShapes` twice the rarer half is counted as others (lossy counting: Manku & Motwani 2002).
 * Durations, of the top span, are kept in sketches: quantiles within 1 %. Spans without sound times are passed over, and so are
 * spans that are their own ancestors, and a second span of an id. Times are ms. O(spans · log siblings) a trace, O(shapes² · calls) to
 * merge; deterministic.
 */
export class TraceShapes {
  private readonly mostShapes: number;
  private readonly nearness: number;
  private tallies = new Map<number, Tally>();
  private otherTraces = 0;
  private total = 0;

  constructor({ mostShapes = MOST_SHAPES, nearness = NEARNESS }: TraceShapesOptions = {}) {
    this.mostShapes = mostShapes;
    this.nearness = nearness;
  }

  /** Traces that were added and have a shape. */
  get traces(): number {
    return this.total;
  }

  /** Those of them whose shape was too rare to be kept. */
  get others(): number {
    return this.otherTraces;
  }

  add(trace: ShapeTrace): void {
    const shape = shapeOf(trace);
    if (!shape) return;
    let tally = this.tallies.get(shape.hash);
    if (!tally) {
      const { steps, leftOut } = shape.tree.steps();
      tally = {
        ...{ hash: shape.hash, traces: 0, failed: 0, spans: 0, variants: 1, durations: new DurationSketch() },
        ...{ steps, stepsLeftOut: leftOut, calls: shape.tree.calls() },
        ...{ exampleTraceId: trace.traceId, failedTraceId: '' },
      };
      this.tallies.set(shape.hash, tally);
    }
    this.total += 1;
    tally.traces += 1;
    tally.spans += shape.spans;
    tally.durations.add(durationBucket(shape.durationMs * NANOS_A_MS));
    if (shape.isFailed) {
      tally.failed += 1;
      if (tally.failedTraceId === '') tally.failedTraceId = trace.traceId;
    }
    if (this.tallies.size > 2 * this.mostShapes) this.dropRare();
  }

  /** The most frequent first. */
  shapes(): TraceShape[] {
    const leaders: Tally[] = [];
    for (const tally of this.byFrequency()) {
      const leader = leaders.find(({ calls }) => similarity(calls, tally.calls) >= this.nearness);
      if (leader) merge(leader, tally);
      else leaders.push({ ...tally, durations: copyOf(tally.durations) });
    }
    return leaders.sort(byTraces).map(shapeJson);
  }

  private byFrequency(): Tally[] {
    return [...this.tallies.values()].sort(byTraces);
  }

  private dropRare(): void {
    const kept = this.byFrequency();
    for (const { traces } of kept.splice(this.mostShapes)) this.otherTraces += traces;
    this.tallies = new Map(kept.map((tally) => [tally.hash, tally]));
  }
}

function byTraces(one: Tally, other: Tally): number {
  return other.traces - one.traces || one.hash - other.hash;
}

function similarity(one: ReadonlySet<number>, other: ReadonlySet<number>): number {
  const [smaller, larger] = one.size < other.size ? [one, other] : [other, one];
  let common = 0;
  for (const call of smaller) if (larger.has(call)) common += 1;
  return common / (one.size + other.size - common);
}

function copyOf(durations: DurationSketch): DurationSketch {
  const copy = new DurationSketch();
  copy.merge(durations);
  return copy;
}

function merge(leader: Tally, tally: Tally): void {
  leader.traces += tally.traces;
  leader.failed += tally.failed;
  leader.spans += tally.spans;
  leader.variants += 1;
  leader.durations.merge(tally.durations);
  if (leader.failedTraceId === '') leader.failedTraceId = tally.failedTraceId;
}

function shapeJson({ hash, spans, durations, ...tally }: Tally): TraceShape {
  const { traces, failed, variants, steps, stepsLeftOut, exampleTraceId, failedTraceId } = tally;
  return {
    id: hash.toString(16).padStart(14, '0'),
    ...{ traces, failed, p50Ms: quantileMs(durations, 0.5), p95Ms: quantileMs(durations, 0.95) },
    ...{ spans: spans / traces, variants, steps, stepsLeftOut, exampleTraceId, failedTraceId },
  };
}

function quantileMs(durations: DurationSketch, q: number): number {
  return (durations.quantileNanos(q) ?? bucketNanos(0)) / NANOS_A_MS;
}
