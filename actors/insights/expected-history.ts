import type { VisibleServices } from '../../proto/access/index.ts';
import type { ApiAnswers, ExpectedBandJson } from '../../proto/api/index.ts';
import { serviceIdOf, type ServiceId, type ServiceKey } from '../../proto/columns/index.ts';
import {
  expectedRequests,
  type Expectation,
  type OperationState,
} from '../../workers/kernels/detect/index.ts';
import { visibilityTest } from '../../workers/search/index.ts';
import type { SeriesRegistry } from './series-registry.ts';
import { EVENT_CELL_MS, requestsOf, type SpanWatch, type WatchedOperation } from './span-watch.ts';
import { keyOf, type WatchedSeries } from './watched-series.ts';

export interface ExpectedQuery {
  /** Those that whoever asks may see. */
  readonly visible: VisibleServices;
  readonly service: ServiceKey;
}

export type ExpectedFigures = ApiAnswers['/api/v1/services/:service/expected'];

const FIGURES = ['requests', 'errors', 'p95'] as const;
const STEP_MS = 10_000;
/** A quarter of an hour, as much as pages show live. */
const STEPS = 91;
const NANOS_A_MS = 1e6;

type Figure = (typeof FIGURES)[number];
const VALUES_A_FIGURE = 3;
const VALUES_A_STEP = FIGURES.length * VALUES_A_FIGURE;

/** Of nothing nothing is known. */
export const NOTHING_EXPECTED: ExpectedFigures = { stepMs: STEP_MS, learning: [...FIGURES], steps: [] };

interface Course {
  /** Step i is at i modulo `STEPS`; expected, lower and upper of each figure; NaN where nothing is expected. */
  readonly values: Float32Array;
  newest: number;
  readonly learning: Set<Figure>;
}

/** What was expected of services, by steps of ten seconds: each is what was known when it began. */
export class ExpectedHistory {
  private readonly registry: SeriesRegistry;
  private readonly spans: SpanWatch;
  private readonly courses = new Map<ServiceId, Course>();
  private steppedTo = Number.NaN;

  constructor(registry: SeriesRegistry, spans: SpanWatch) {
    this.registry = registry;
    this.spans = spans;
  }

  /** Once a step, and not while a judge works. */
  advance(nowMs: number): void {
    const step = Math.floor(nowMs / STEP_MS);
    if (step === this.steppedTo) return;
    this.steppedTo = step;
    for (const [id, { service, operations }] of this.spans.watched()) {
      const requests = this.registry.find(keyOf(requestsOf(id, service)));
      if (requests === undefined) this.courses.delete(id);
      else this.write(this.courseOf(id), step, requests, operations, nowMs);
    }
  }

  /** Of a service that is not watched, or may not be seen: nothing, as of one that is not there. */
  read({ service, visible }: ExpectedQuery): ExpectedFigures {
    const isVisible = visible === 'all' || visibilityTest(visible)(service);
    const course = isVisible ? this.courses.get(serviceIdOf(service)) : undefined;
    if (course === undefined) return NOTHING_EXPECTED;
    const steps = Array.from({ length: STEPS }, (_, index) => course.newest - STEPS + 1 + index);
    return {
      stepMs: STEP_MS,
      learning: FIGURES.filter((figure) => course.learning.has(figure)),
      steps: steps.map((step) => ({
        startUnixMs: step * STEP_MS,
        requests: bandAt(course, step, 'requests'),
        errors: bandAt(course, step, 'errors'),
        p95Ms: bandAt(course, step, 'p95'),
      })),
    };
  }

  private courseOf(id: ServiceId): Course {
    let course = this.courses.get(id);
    if (course === undefined) {
      const values = new Float32Array(STEPS * VALUES_A_STEP).fill(Number.NaN);
      course = { values, newest: 0, learning: new Set() };
      this.courses.set(id, course);
    }
    return course;
  }

  private write(
    course: Course,
    step: number,
    requests: WatchedSeries,
    operations: Iterable<WatchedOperation>,
    nowMs: number,
  ): void {
    // Steps that were missed, or of which the clock jumped over.
    for (let each = Math.max(course.newest + 1, step - STEPS + 1); each <= step; each += 1) {
      course.values.fill(Number.NaN, slotOf(each), slotOf(each) + VALUES_A_STEP);
    }
    course.newest = step;
    const states = Array.from(operations, ({ rate, errors, latency }): OperationState => ({
      rate: rate.at(nowMs),
      errors: this.stateOf(errors),
      latency: this.stateOf(latency),
    }));
    const expected = expectedRequests(this.stateOf(requests), states, nowMs, EVENT_CELL_MS / 1_000);
    for (const figure of FIGURES) note(course, step, figure, expected[figure]);
  }

  /** Undefined where the series was given up: its place may be another's. */
  private stateOf(series: WatchedSeries | undefined): Float64Array | undefined {
    if (series === undefined || this.registry.find(series.key) !== series) return undefined;
    const { buffer, byteOffset, byteLength } = this.registry.bytesOf(series);
    return new Float64Array(buffer, byteOffset, byteLength / Float64Array.BYTES_PER_ELEMENT);
  }
}

function bandAt({ values }: Course, step: number, figure: Figure): ExpectedBandJson | null {
  const place = placeOf(step, figure);
  const [expected = NaN, lower = NaN, upper = NaN] = values.subarray(place, place + VALUES_A_FIGURE);
  return Number.isNaN(expected) ? null : { expected, lower, upper };
}

function note(course: Course, step: number, figure: Figure, expectation: Expectation): void {
  if (expectation === 'learning') course.learning.add(figure);
  else course.learning.delete(figure);
  if (typeof expectation === 'string') return;
  const { expected, lower, upper } = expectation;
  const unit = figure === 'p95' ? NANOS_A_MS : 1;
  course.values.set([expected / unit, lower / unit, upper / unit], placeOf(step, figure));
}

function placeOf(step: number, figure: Figure): number {
  return slotOf(step) + FIGURES.indexOf(figure) * VALUES_A_FIGURE;
}

function slotOf(step: number): number {
  return (step % STEPS) * VALUES_A_STEP;
}
