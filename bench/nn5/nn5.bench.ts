import { readNn5 } from '../forecast/read-series.ts';
import { type PointScore, type ScoredSet, scoreHalf } from '../forecast/score-half.ts';
import { checkScorer, type PublishedScores } from '../forecast/scorer-check.ts';
import { readOptions, requiredText } from '../read-options.ts';

const SET: ScoredSet = { horizon: 56, period: 7, intervalSeconds: 86_400 };

/** Of the Monash archive (Godahewa et al. 2021), over all 111 series, with another filling of gaps: comparable within some 3 %. */
const RIVALS: PublishedScores = {
  SES: { mase: 1.521, smape: 35.5 },
  Theta: { mase: 0.885, smape: 22.01 },
  TBATS: { mase: 0.858, smape: 21.19 },
  ETS: { mase: 0.865, smape: 21.57 },
  ARIMA: { mase: 1.013, smape: 26.01 },
  CatBoost: { mase: 0.973, smape: 24.13 },
  DeepAR: { mase: 0.919, smape: 23.85 },
  'N-BEATS': { mase: 1.134, smape: 28.58 },
  WaveNet: { mase: 0.916, smape: 22.73 },
  Transformer: { mase: 0.958, smape: 23.26 },
};

const PUBLISHED = { dev: { sNaive: { mase: 1.041 } }, heldout: { sNaive: { mase: 1.01 } } };

/**
 * 56 days ahead of daily cash withdrawals (NN5), which have gaps: they reach the forecast as NaN, the scorer fills them with the median of
 * their weekday, as is usual for the set. `--data DIR`: `DIR/{dev,heldout}/series.csv.gz`.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const { data } = readOptions(args, { data: requiredText('DIR', 'folder with dev/ or heldout/') });
  const half = await readNn5(data, SET.period, SET.horizon);
  const score = scoreHalf(half, SET);
  return {
    ...score,
    scorerCheck: checkScorer(score['referencesHere'] as Record<string, PointScore>, PUBLISHED[half.half]),
    rivals: RIVALS,
  };
}
