import process from 'node:process';
import { forecast } from '../../workers/kernels/forecast/index.ts';
import { countInside, mase, msis, seasonalScale, smape } from './accuracy.ts';
import type { TestHalf, TestSeries } from './read-series.ts';
import { naive2, type ReferenceMethod, seasonalNaive, simpleSmoothing, theta } from './reference-methods.ts';

/** How a set is scored; nothing of it reaches the forecast but horizon and sampling interval. */
export interface ScoredSet {
  readonly horizon: number;
  /** Of the scale of MASE and MSIS, and of the reference methods. */
  readonly period: number;
  readonly intervalSeconds: number;
}

export interface PointScore {
  readonly smape: number;
  readonly mase: number;
  readonly owa: number;
}

const COVERAGE = 0.95;

const REFERENCES: Readonly<Record<string, ReferenceMethod>> = {
  Naive2: naive2,
  sNaive: seasonalNaive,
  SES: simpleSmoothing,
  Theta: theta,
};

/** Scores ours and the reference methods over all series of a half, each once. */
export function scoreHalf({ half, series }: TestHalf, set: ScoredSet): Record<string, unknown> {
  const references = Object.entries(REFERENCES).map(
    ([name, method]) => [name, meanErrors(series, set, method)] as const,
  );
  const base = references.find(([name]) => name === 'Naive2')?.[1] ?? { smape: 1, mase: 1 };
  const ours = scoreOurs(series, set);
  return {
    half,
    series: series.length,
    owa: round(owaOf(ours, base)),
    smape: round(ours.smape),
    mase: round(ours.mase),
    msis: round(ours.msis),
    acd: round(Math.abs(ours.coverage - COVERAGE)),
    coverage: round(ours.coverage),
    refused: ours.refused,
    msPerSeries: round(ours.meanMs),
    greatestMs: round(ours.greatestMs),
    cpuMsPerSeries: round(ours.meanCpuMs),
    referencesHere: Object.fromEntries(
      references.map(([name, errors]): [string, PointScore] => [
        name,
        { smape: round(errors.smape), mase: round(errors.mase), owa: round(owaOf(errors, base)) },
      ]),
    ),
  };
}

interface Errors {
  readonly smape: number;
  readonly mase: number;
}

function owaOf(errors: Errors, base: Errors): number {
  return (errors.smape / base.smape + errors.mase / base.mase) / 2;
}

function meanErrors(series: readonly TestSeries[], set: ScoredSet, method: ReferenceMethod): Errors {
  let [smapes, mases] = [0, 0];
  for (const { training, actual } of series) {
    const guess = method(training, set.period, set.horizon);
    smapes += smape(actual, guess);
    mases += mase(actual, guess, seasonalScale(training, set.period));
  }
  return { smape: smapes / series.length, mase: mases / series.length };
}

interface OurScore extends Errors {
  readonly msis: number;
  readonly coverage: number;
  readonly refused: number;
  readonly meanMs: number;
  readonly greatestMs: number;
  /** Of the process: what a busy machine does not change. */
  readonly meanCpuMs: number;
}

function scoreOurs(series: readonly TestSeries[], { horizon, period, intervalSeconds }: ScoredSet): OurScore {
  let [smapes, mases, scores, inside, steps, refused, totalMs, greatestMs] = [0, 0, 0, 0, 0, 0, 0, 0];
  const cpuStart = process.cpuUsage();
  for (const { id, given, training, actual } of series) {
    const start = performance.now();
    const answer = forecast(given, { horizon, intervalSeconds, coverage: COVERAGE });
    const ms = performance.now() - start;
    totalMs += ms;
    greatestMs = Math.max(greatestMs, ms);
    if (answer.kind === 'refused') {
      // A refused series is scored as the naive forecast without an interval would be, so that refusing never pays.
      refused += 1;
      process.stderr.write(`${id}: refused, ${answer.reason}\n`);
    }
    const naive = seasonalNaive(training, period, horizon);
    const { median, lower, upper } =
      answer.kind === 'refused' ? { median: naive, lower: naive, upper: naive } : answer;
    const scale = seasonalScale(training, period);
    smapes += smape(actual, median);
    mases += mase(actual, median, scale);
    scores += msis(actual, lower, upper, { scale, coverage: COVERAGE });
    inside += countInside(actual, lower, upper);
    steps += actual.length;
  }
  const count = series.length;
  const { user, system } = process.cpuUsage(cpuStart);
  const cpuMs = (user + system) / 1_000;
  return {
    smape: smapes / count,
    mase: mases / count,
    msis: scores / count,
    coverage: inside / steps,
    refused,
    meanMs: totalMs / count,
    greatestMs,
    meanCpuMs: cpuMs / count,
  };
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
