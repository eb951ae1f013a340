import { describe, expect, it } from 'vitest';
import type { InsightEvidenceJson, InsightJson, RootCausesJson, ServiceJson } from '../../proto/api/index.ts';
import { insightView, rootCausesView } from './index.ts';

const named = (name: string): ServiceJson => ({
  ...{ id: `production~shop~${name}`, environment: 'production', namespace: 'shop', name },
});
const [CART, PAYMENT, STOCK] = [named('cart'), named('payment'), named('stock')];

const log = (service: ServiceJson): InsightEvidenceJson => ({
  ...{ type: 'log-pattern', service, pattern: 'p', template: 'timeout', trend: 'new', perMinuteBefore: 0 },
  ...{ perMinuteAfter: 9, example: 'timeout' },
});
const trace = (note: string): InsightEvidenceJson => ({
  ...{ type: 'trace', service: CART, traceId: '1'.repeat(32), spanId: '', operation: 'GET /', durationMs: 9 },
  ...{ isError: true, note },
});

const INSIGHT: InsightJson = {
  ...{ id: '1', kind: 'anomaly', state: 'open', severity: 'critical', service: CART },
  ...{ title: 'Cart is slow', explanation: 'Payment, which it calls, is slow.' },
  services: [CART, PAYMENT],
  ...{ startedUnixMs: 1, detectedUnixMs: 2, updatedUnixMs: 3, endedUnixMs: null, score: 0.9 },
  evidence: [log(CART), log(STOCK), trace('waits for payment'), trace('slow')],
  rootCauses: [
    {
      ...{ service: PAYMENT, signal: 'latency', score: 0.8, explanation: 'Slow itself.' },
      evidence: [log(PAYMENT)],
    },
    {
      ...{ service: CART, signal: 'errors', score: 0.2, explanation: 'Errors of its own.' },
      evidence: [{ type: 'explains', caller: STOCK, share: 0.5 }, log(CART)],
    },
  ],
  course: [
    { atUnixMs: 3, service: CART, what: 'also: GET / fails' },
    { atUnixMs: 4, service: CART, what: 'the likeliest cause, where it was payment before' },
    { atUnixMs: 5, service: STOCK, what: 'also: GET /stock fails' },
  ],
  ...{ saturation: null, tip: null },
};

describe('an insight', () => {
  it('is shown whole to whoever may see all that it is about', () => {
    expect(insightView('all')(INSIGHT)).toBe(INSIGHT);
    expect(insightView([{ namespace: 'shop' }])(INSIGHT)).toBe(INSIGHT);
  });

  it('of a service that is hidden is hidden', () => {
    expect(insightView([{ name: 'payment' }])(INSIGHT)).toBeUndefined();
    expect(insightView([{ name: 'cart', environment: 'staging' }])(INSIGHT)).toBeUndefined();
    expect(insightView([])(INSIGHT)).toBeUndefined();
  });

  it('says nothing of hidden services: not as evidence, as causes, as affected, nor in its texts', () => {
    const seen = insightView([{ name: 'cart' }])(INSIGHT);
    expect(seen).toEqual({
      ...INSIGHT,
      explanation: 'What explains this is of services that you may not see.',
      services: [CART],
      course: INSIGHT.course?.slice(0, 1),
      evidence: [log(CART), trace(''), trace('slow')],
      rootCauses: [{ ...INSIGHT.rootCauses[1], evidence: [log(CART)] }],
    });
    expect(JSON.stringify(seen).toLowerCase()).not.toMatch(/payment|stock/);
  });

  it('shows the way to a cause whole or not at all, and says nothing that only the way knows of', () => {
    const [, OWN] = INSIGHT.rootCauses;
    const way = (...path: readonly ServiceJson[]): InsightJson => ({
      ...INSIGHT,
      ...{ services: [CART], evidence: [], course: [], explanation: 'Search suffers, and so does cart.' },
      rootCauses: OWN ? [{ ...OWN, path, explanation: 'Search waits for it.', evidence: [] }] : [],
    });
    const SEARCH = named('search');
    const narrowed = insightView([{ name: 'cart' }]);
    const seen = narrowed(way(SEARCH, CART));
    expect(seen?.rootCauses[0]?.path).toEqual([CART]);
    expect(JSON.stringify(seen).toLowerCase()).not.toContain('search');
    const between = insightView([{ name: 'cart' }, { name: 'stock' }]);
    expect(between(way(STOCK, SEARCH, CART))?.rootCauses[0]?.path).toEqual([CART]);
    expect(between(way(STOCK, CART))?.rootCauses[0]?.path).toEqual([STOCK, CART]);
    expect(Object.keys(narrowed(INSIGHT)?.rootCauses[0] ?? {})).not.toContain('path');
  });

  it('says nothing of calls to a hidden service, where nothing else speaks of it', () => {
    const calls = (to: ServiceJson): InsightEvidenceJson => ({
      ...{ type: 'signal', service: CART, peer: to, signal: 'errors', name: `errors of calls to ${to.name}` },
      ...{ operation: '', labels: {}, unit: '1', detector: 'likelihood-ratio', score: 0.9, seriesKey: to.id },
      ...{ observed: 1, expected: 0, chart: { startUnixMs: 1, stepMs: 1, values: [], lower: [], upper: [] } },
    });
    const insight: InsightJson = {
      ...{ ...INSIGHT, title: 'cart: calls to stock fail', explanation: 'Calls to stock fail.' },
      ...{ services: [CART], evidence: [calls(PAYMENT), log(CART)], rootCauses: [] },
      course: [{ atUnixMs: 3, service: CART, peer: STOCK, what: 'also: calls to stock fail' }],
    };
    const seen = insightView([{ name: 'cart' }])(insight);
    expect(seen).toMatchObject({ title: 'anomaly in cart', evidence: [log(CART)], course: [] });
    expect(JSON.stringify(seen).toLowerCase()).not.toMatch(/payment|stock/);
    expect(insightView([{ namespace: 'shop' }])(insight)).toBe(insight);
  });

  it('has another title when its own names a hidden service', () => {
    const insight = { ...INSIGHT, title: 'Cart is slow because of PAYMENT' };
    expect(insightView([{ name: 'cart' }])(insight)?.title).toBe('anomaly in cart');
  });
});

describe('causes that were asked for', () => {
  const FOUND: RootCausesJson = {
    ...{ reason: null, explanation: 'Payment is the likeliest cause.', startedUnixMs: 1, untilUnixMs: 2 },
    ...{ changed: [], inCommon: [], rootCauses: INSIGHT.rootCauses },
  };

  it('are shown whole to whoever may see all that they are about', () => {
    expect(rootCausesView('all')(FOUND)).toBe(FOUND);
    expect(rootCausesView([{ namespace: 'shop' }])(FOUND)).toBe(FOUND);
  });

  it('say nothing of hidden services', () => {
    expect(rootCausesView([{ name: 'cart' }])(FOUND)).toEqual({
      ...FOUND,
      explanation: 'What explains this is of services that you may not see.',
      rootCauses: insightView([{ name: 'cart' }])(INSIGHT)?.rootCauses,
    });
  });
});
