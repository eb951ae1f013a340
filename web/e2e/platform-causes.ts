import type { ApiAnswers } from '../../proto/api/index.ts';
import { insightsOfShop } from './platform-insights.ts';

/** Of checkout, as the first insight has it. */
export function causesOfCheckout(nowMs: number, isEmpty: boolean): ApiAnswers['/api/v1/root-causes'] {
  const [insight] = insightsOfShop(nowMs);
  if (isEmpty || insight === undefined) {
    return {
      ...{ reason: 'nothing-changed', startedUnixMs: null, untilUnixMs: nowMs },
      explanation: 'checkout does what it did before: nothing stands out.',
      ...{ changed: [], inCommon: [], rootCauses: [] },
    };
  }
  const { rootCauses, evidence } = insight;
  return {
    ...{ reason: null, startedUnixMs: nowMs - 300_000, untilUnixMs: nowMs, rootCauses },
    explanation: 'payment is the likeliest cause (71 % of the blame).',
    changed: evidence.flatMap((one) => (one.type === 'signal' ? [one] : [])),
    inCommon: evidence.flatMap((one) => (one.type === 'attribute' ? [one] : [])),
  };
}
