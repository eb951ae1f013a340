import {
  DETECTORS,
  type Judged,
  type JudgedSeries,
  type JudgeInput,
  type SharedStates,
} from '../../workers/watch/index.ts';
import type { WatchedSeries } from './watched-series.ts';

/** What came of all series since the last tick, on its way to the judge and back. */
export class JudgeBatch {
  private readonly share = { series: [] as WatchedSeries[], events: [] as number[], trials: [] as number[] };
  private readonly durations = {
    series: [] as WatchedSeries[],
    offsets: [0],
    nanos: [] as number[],
    weights: [] as number[],
  };
  private readonly count = {
    series: [] as WatchedSeries[],
    timesMs: [] as number[],
    counts: [] as number[],
    seconds: [] as number[],
    silentSeconds: [] as number[],
  };
  private readonly point = { series: [] as WatchedSeries[], timesMs: [] as number[], values: [] as number[] };

  /** How much there is to judge: durations of requests, and figures of series. */
  get size(): number {
    const { share, durations, count, point } = this;
    return share.series.length + durations.nanos.length + count.series.length + point.series.length;
  }

  addShare(series: WatchedSeries, events: number, trials: number, nowMs: number): void {
    this.share.series.push(series);
    this.share.events.push(events);
    this.share.trials.push(trials);
    series.history.add(nowMs, events, trials);
  }

  addDurations(
    series: WatchedSeries,
    all: { readonly nanos: Float64Array; readonly weights: Float64Array },
    from: number,
    to: number,
    nowMs: number,
  ): void {
    let sum = 0;
    let requests = 0;
    for (let index = from; index < to; index += 1) {
      const nanos = all.nanos[index] ?? 0;
      const weight = all.weights[index] ?? 0;
      this.durations.nanos.push(nanos);
      this.durations.weights.push(weight);
      sum += nanos * weight;
      requests += weight;
    }
    this.durations.series.push(series);
    this.durations.offsets.push(this.durations.nanos.length);
    series.history.add(nowMs, sum, requests);
  }

  addCount(series: WatchedSeries, endMs: number, count: number, seconds: number, silentSeconds = 0): void {
    this.count.series.push(series);
    this.count.timesMs.push(endMs);
    this.count.counts.push(count);
    this.count.seconds.push(seconds);
    // Of what was known before the start a late first event says nothing new.
    this.count.silentSeconds.push(series.isRestored ? 0 : silentSeconds);
    series.history.add(endMs - 1, count, seconds);
  }

  addPoint(series: WatchedSeries, unixMs: number, value: number): void {
    this.point.series.push(series);
    this.point.timesMs.push(unixMs);
    this.point.values.push(value);
    series.history.add(unixMs, value, 1);
  }

  input(states: SharedStates, nowMs: number): JudgeInput {
    const { share, durations, count, point } = this;
    const placesOf = (series: readonly WatchedSeries[]): Uint32Array =>
      Uint32Array.from(series, ({ place }) => place);
    return {
      states,
      nowMs,
      share: {
        series: placesOf(share.series),
        events: Float64Array.from(share.events),
        trials: Float64Array.from(share.trials),
      },
      durations: {
        series: placesOf(durations.series),
        offsets: Uint32Array.from(durations.offsets),
        nanos: Float64Array.from(durations.nanos),
        weights: Float64Array.from(durations.weights),
      },
      count: {
        series: placesOf(count.series),
        timesMs: Float64Array.from(count.timesMs),
        counts: Float64Array.from(count.counts),
        seconds: Float64Array.from(count.seconds),
        silentSeconds: Float64Array.from(count.silentSeconds),
      },
      point: {
        series: placesOf(point.series),
        timesMs: Float64Array.from(point.timesMs),
        values: Float64Array.from(point.values),
      },
    };
  }

  /** Writes what was judged into the series. */
  apply(judged: JudgedSeries, nowMs: number): void {
    apply(this.share.series, judged.share, nowMs);
    apply(this.durations.series, judged.durations, nowMs);
    apply(this.count.series, judged.count, nowMs);
    apply(this.point.series, judged.point, nowMs);
  }
}

function apply(all: readonly WatchedSeries[], judged: Judged, nowMs: number): void {
  for (const [index, series] of all.entries()) {
    series.seenMs = nowMs;
    series.evidence = judged.evidence[index] ?? 0;
    series.sinceMs = judged.sinceMs[index] ?? 0;
    series.observed = judged.observed[index] ?? 0;
    series.expected = judged.expected[index] ?? 0;
    series.lower = judged.lower[index] ?? Number.NaN;
    series.upper = judged.upper[index] ?? Number.NaN;
    series.isLearning = judged.isLearning[index] === 1;
    series.detector = DETECTORS[judged.detectors[index] ?? 0] ?? DETECTORS[0];
  }
}
