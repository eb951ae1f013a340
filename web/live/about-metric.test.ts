import { describe, expect, it } from 'vitest';
import type { InsightEvidenceJson, InsightJson } from '../../proto/api/index.ts';
import { madeInsight } from '../e2e/platform-insights.ts';
import { isAboutMetric } from './about-metric.ts';

const NOW_MS = 1_700_000_000_000;
const [cart] = [madeInsight(1, NOW_MS).service];
const catalog = { ...cart, id: '~shop~catalog', name: 'catalog' };

function signal(changes: Partial<InsightEvidenceJson & { readonly type: 'signal' }>): InsightEvidenceJson {
  return {
    ...{ type: 'signal', service: cart, signal: 'other', name: 'queue.size', operation: '', labels: {} },
    ...{ unit: '1', detector: 'spike', score: 0.7, observed: 9, expected: 1, seriesKey: 'key' },
    chart: { startUnixMs: NOW_MS, stepMs: 5_000, values: [], lower: [], upper: [] },
    ...changes,
  };
}

const withEvidence = (...evidence: InsightEvidenceJson[]): InsightJson =>
  madeInsight(1, NOW_MS, { evidence });

describe('an insight is about a metric', () => {
  it.each([
    ['that is its evidence', withEvidence(signal({}))],
    [
      'by how often a histogram was added to',
      withEvidence(signal({ name: 'queue.size count', unit: '1/s' })),
    ],
    [
      'that is evidence of a cause',
      madeInsight(1, NOW_MS, {
        rootCauses: [{ service: cart, signal: 'other', score: 1, explanation: '', evidence: [signal({})] }],
      }),
    ],
    [
      'by which something runs out',
      madeInsight(1, NOW_MS, {
        saturation: {
          ...{ resource: 'queue', metric: 'queue.size', unit: '1', limit: 10, current: 9 },
          ...{ reachedUnixMs: null, earliestUnixMs: null, latestUnixMs: null },
        },
      }),
    ],
  ])('%s', (_how, insight) => {
    expect(isAboutMetric(insight, 'queue.size')).toBe(true);
    expect(isAboutMetric(insight, 'queue.size', cart.id)).toBe(true);
    expect(isAboutMetric(insight, 'queue.size', catalog.id)).toBe(false);
    expect(isAboutMetric(insight, 'queue')).toBe(false);
  });

  it('not by figures of spans and logs that are called as it is', () => {
    const figures = withEvidence(
      signal({ name: 'requests', unit: '{request}/s' }),
      signal({ name: 'errors', operation: 'GET /', unit: '1' }),
      signal({ name: 'logs', unit: '{record}/s' }),
    );
    for (const name of ['requests', 'errors', 'logs']) expect(isAboutMetric(figures, name)).toBe(false);
  });

  it('of the service that sent it, not of another that the insight affects', () => {
    const insight = madeInsight(1, NOW_MS, { services: [cart, catalog], evidence: [signal({})] });
    expect(isAboutMetric(insight, 'queue.size', catalog.id)).toBe(false);
  });
});
