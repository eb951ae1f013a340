import { DEFAULT_LOOKBACK_MS, PromqlExecutionError, PromqlSyntaxError } from '../../workers/promql/index.ts';
import type { QueryRun } from '../ports/index.ts';
import type { PrometheusEngine } from '../query/index.ts';
import { PromqlRefusedError } from './promql-refused-error.ts';

/** Times at which a query is asked: `count` of them, `stepMs` apart. */
export interface StepGrid {
  readonly startUnixMs: number;
  readonly stepMs: number;
  readonly count: number;
}

export interface RangeSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** One a time of the grid; NaN where there is none. */
  readonly values: Float64Array;
}

interface Matrix {
  readonly resultType: string;
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly values?: readonly (readonly [number, string])[];
  }[];
}

/**
 * The float series of a query over a grid, `limit` at most. Rejects with `PromqlRefusedError` where the query is none, or is of
 * something else.
 */
export async function rangeSeries(
  prometheus: Pick<PrometheusEngine, 'evaluate'>,
  query: string,
  { startUnixMs, stepMs, count }: StepGrid,
  limit: number,
  run: QueryRun,
): Promise<{ readonly series: readonly RangeSeries[]; readonly more: boolean }> {
  const window = { startMs: startUnixMs, endMs: startUnixMs + (count - 1) * stepMs, stepMs };
  const answer = await prometheus
    // A series that is sent seldom has a value in each step, too.
    .evaluate({ query, window, lookbackMs: Math.max(DEFAULT_LOOKBACK_MS, stepMs), limit: limit + 1 }, run)
    .catch((error: unknown) => {
      if (error instanceof PromqlSyntaxError || error instanceof PromqlExecutionError) {
        throw new PromqlRefusedError('BAD_REQUEST', `query: ${error.message}`);
      }
      throw error;
    });
  if (answer.type === 'refused') {
    const code = answer.reason === 'too-many-samples' ? 'QUERY_TOO_LARGE' : 'BAD_REQUEST';
    throw new PromqlRefusedError(code, `query: ${answer.message}`);
  }
  const matrix = JSON.parse(answer.dataJson) as Matrix;
  if (matrix.resultType !== 'matrix') {
    throw new PromqlRefusedError('BAD_REQUEST', `query: expected series, it gives a ${matrix.resultType}`);
  }
  const series = matrix.result.flatMap(({ metric, values = [] }) => {
    // Native histograms have no one value.
    if (values.length === 0) return [];
    const row = new Float64Array(count).fill(Number.NaN);
    for (const [seconds, text] of values) {
      row[Math.round((seconds * 1_000 - startUnixMs) / stepMs)] = numberOf(text);
    }
    return [{ labels: metric, values: row }];
  });
  return { series: series.slice(0, limit), more: series.length > limit };
}

function numberOf(text: string): number {
  return text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text);
}
