import { selectSeries, selectTargetInfo } from '../otlp-series/index.ts';
import {
  evaluatePromql,
  type LabelMatcher,
  PromqlExecutionError,
  PromqlSyntaxError,
  type QueryWindow,
  type Series,
  TooManySamplesError,
} from '../promql/index.ts';
import { type PackedPoints, unpackPoints } from './packed-points.ts';
import { resultJson } from './result-json.ts';

/** What was fetched for one selector of the query. */
export interface FetchedSelector {
  readonly ordinal: number;
  readonly matchers: readonly LabelMatcher[];
  /** Of both tiers, in any number of pieces. */
  readonly points: readonly PackedPoints[];
}

export interface PromqlQuestion {
  readonly query: string;
  readonly window: QueryWindow;
  readonly lookbackMs: number;
  readonly maxSamples: number;
  /** Series of the result at most; 0 for all. */
  readonly limit: number;
  readonly selectors: readonly FetchedSelector[];
}

export type PromqlAnswer =
  | {
      readonly type: 'answer';
      /** The `data` of Prometheus' answer, as JSON. */
      readonly dataJson: string;
      readonly warnings: readonly string[];
      readonly infos: readonly string[];
      /** Samples that were read, and points that were made of them. */
      readonly samples: number;
    }
  | {
      readonly type: 'refused';
      readonly reason: 'bad_data' | 'execution' | 'too-many-samples';
      readonly message: string;
    };

/** A PromQL query over OTLP points, to the text of its answer: runs inline and on threads alike. */
export function answerPromql(
  question: PromqlQuestion,
  { checkpoint }: { readonly checkpoint: () => void },
): PromqlAnswer {
  const { query, window, lookbackMs, maxSamples, limit } = question;
  try {
    const series: Series[][] = [];
    for (const { ordinal, matchers, points } of question.selectors) {
      checkpoint();
      const gathered = points.map(unpackPoints);
      const chunks = gathered.flatMap((each) => each.chunks);
      const seen = gathered.flatMap((each) => each.seen);
      series[ordinal] = [...selectSeries(chunks, matchers), ...selectTargetInfo(seen, matchers)];
    }
    const evaluated = evaluatePromql({
      query,
      window,
      lookbackMs,
      series,
      limits: { maxSamples, checkpoint },
    });
    const { json, isCut } = resultJson(evaluated.result, limit);
    const warnings = isCut ? [...evaluated.warnings, 'results truncated due to limit'] : evaluated.warnings;
    const { infos, samples } = evaluated;
    return { type: 'answer', dataJson: json, warnings, infos, samples };
  } catch (error) {
    if (error instanceof PromqlSyntaxError) {
      return { type: 'refused', reason: 'bad_data', message: error.message };
    }
    if (error instanceof PromqlExecutionError) {
      return { type: 'refused', reason: 'execution', message: error.message };
    }
    if (error instanceof TooManySamplesError) {
      return { type: 'refused', reason: 'too-many-samples', message: error.message };
    }
    throw error;
  }
}
