// Hot: once a cell or point of every series. Bench: bench/detect.
import {
  newChange,
  newVerdict,
  observeCount,
  observeDurations,
  observeShare,
  startSilent,
  type Change,
} from '../kernels/detect/index.ts';
import { POINT_TEST_SIZE, testPoint } from './point-test.ts';
import { SERIES_A_CHUNK, TEST_SIZES, type SharedStates, type TestKind } from './watch-layout.ts';

/** What is new of each series, an element each; `series` are places among the series of the kind, in order of time. */
export interface JudgeInput {
  readonly states: SharedStates;
  readonly nowMs: number;
  readonly share: {
    readonly series: Uint32Array;
    readonly events: Float64Array;
    readonly trials: Float64Array;
  };
  readonly durations: {
    readonly series: Uint32Array;
    /** Run i of `nanos` and `weights`. */
    readonly offsets: Uint32Array;
    readonly nanos: Float64Array;
    readonly weights: Float64Array;
  };
  readonly count: {
    readonly series: Uint32Array;
    readonly timesMs: Float64Array;
    readonly counts: Float64Array;
    readonly seconds: Float64Array;
    /** Of a series that turns up only now: for how long there was nothing of it; else 0. */
    readonly silentSeconds: Float64Array;
  };
  readonly point: {
    readonly series: Uint32Array;
    readonly timesMs: Float64Array;
    readonly values: Float64Array;
  };
}

/** An element for each of the input, in its order. See `Change`; bands are of points only. */
export interface Judged {
  readonly evidence: Float64Array;
  readonly sinceMs: Float64Array;
  readonly observed: Float64Array;
  readonly expected: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly isLearning: Uint8Array;
  /** Places in `DETECTORS`. */
  readonly detectors: Uint8Array;
}

export type JudgedSeries = Readonly<Record<TestKind, Judged>>;

/** What may have noticed a change. */
export const DETECTORS = [
  'likelihood-ratio',
  'spike',
  'level-shift',
  'variance',
  'season',
  'season-shift',
  'shape',
  'flat-line',
] as const;

/** Tests what came of each series against what was learned of it, and learns it. States are written: one judge at a time. */
export function judgeSeries(
  input: JudgeInput,
  { checkpoint }: { readonly checkpoint: () => void },
): JudgedSeries {
  const change = newChange();
  const judged = {
    share: newJudged(input.share.series.length),
    durations: newJudged(input.durations.series.length),
    count: newJudged(input.count.series.length),
    point: newJudged(input.point.series.length),
  };
  const { share, durations, count } = input;
  forEachSeries(input, 'share', checkpoint, (state, at, index) => {
    const events = share.events[index] ?? 0;
    observeShare(state, at, events, share.trials[index] ?? 0, input.nowMs, change);
    note(judged.share, index, change);
  });
  forEachSeries(input, 'durations', checkpoint, (state, at, index) => {
    const { offsets, nanos, weights } = durations;
    const [from, to] = [offsets[index] ?? 0, offsets[index + 1] ?? 0];
    observeDurations(state, at, nanos, weights, from, to, input.nowMs, change);
    note(judged.durations, index, change);
  });
  forEachSeries(input, 'count', checkpoint, (state, at, index) => {
    const silentSeconds = count.silentSeconds[index] ?? 0;
    if (silentSeconds > 0) startSilent(state, at, silentSeconds);
    const [events, seconds] = [count.counts[index] ?? 0, count.seconds[index] ?? 0];
    observeCount(state, at, events, seconds, count.timesMs[index] ?? 0, change);
    note(judged.count, index, change);
  });
  judgePoints(input, judged.point, checkpoint);
  return judged;
}

const VERDICT = newVerdict();
const CHECK_EVERY = 1_000;

function judgePoints(input: JudgeInput, judged: Judged, checkpoint: () => void): void {
  const { timesMs, values } = input.point;
  const change = newChange();
  const size = TEST_SIZES.point;
  forEachSeries(input, 'point', checkpoint, (state, at, index) => {
    const test = state.subarray(at, at + POINT_TEST_SIZE);
    const series = state.subarray(at + POINT_TEST_SIZE, at + size);
    testPoint(test, series, timesMs[index] ?? NaN, values[index] ?? NaN, VERDICT, change);
    note(judged, index, change);
    judged.lower[index] = VERDICT.lower;
    judged.upper[index] = VERDICT.upper;
    judged.detectors[index] = DETECTORS.indexOf(VERDICT.detector);
  });
}

function forEachSeries(
  { states, ...input }: JudgeInput,
  kind: TestKind,
  checkpoint: () => void,
  visit: (state: Float64Array, at: number, index: number) => void,
): void {
  const chunks = states[kind].map((chunk) => new Float64Array(chunk));
  const { series } = input[kind];
  for (let index = 0; index < series.length; index += 1) {
    if (index % CHECK_EVERY === 0) checkpoint();
    const place = series[index] ?? 0;
    const chunk = chunks[Math.floor(place / SERIES_A_CHUNK)];
    if (chunk !== undefined) visit(chunk, (place % SERIES_A_CHUNK) * TEST_SIZES[kind], index);
  }
}

function note(judged: Judged, index: number, change: Change): void {
  judged.evidence[index] = change.evidence;
  judged.sinceMs[index] = change.sinceMs;
  judged.observed[index] = change.observed;
  judged.expected[index] = change.expected;
  judged.isLearning[index] = change.isLearning ? 1 : 0;
}

function newJudged(length: number): Judged {
  return {
    evidence: new Float64Array(length),
    sinceMs: new Float64Array(length),
    observed: new Float64Array(length),
    expected: new Float64Array(length),
    lower: new Float64Array(length).fill(Number.NaN),
    upper: new Float64Array(length).fill(Number.NaN),
    isLearning: new Uint8Array(length),
    detectors: new Uint8Array(length),
  };
}
