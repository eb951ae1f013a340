import { describe, expect, it } from 'vitest';
import type { MetricJson } from '../../../proto/api/index.ts';
import { promqlOf } from './promql-of.ts';

const metric = (changes: Partial<MetricJson>): MetricJson => ({
  ...{
    name: 'a.b',
    description: '',
    unit: '1',
    kind: 'gauge',
    temporality: 0,
    monotonic: false,
    metadata: [],
  },
  ...changes,
});

describe('all series of a metric', () => {
  it.each([
    [{}, '', 'avg({__name__="a.b"})'],
    [{}, 'production~shop~cart', 'avg({__name__="a.b", job="shop/cart"})'],
    [{}, '~~cart', 'avg({__name__="a.b", job="cart"})'],
    [{ kind: 'sum' }, '', 'avg({__name__="a.b"})'],
    [{ kind: 'sum', monotonic: true }, '', 'sum(rate({__name__="a.b"}[5m]))'],
    [
      { kind: 'histogram' },
      '',
      'sum(rate({__name__="a.b_sum"}[5m])) / sum(rate({__name__="a.b_count"}[5m]))',
    ],
    [
      { kind: 'exponentialHistogram' },
      '',
      'histogram_sum(sum(rate({__name__="a.b"}[5m]))) / histogram_count(sum(rate({__name__="a.b"}[5m])))',
    ],
    [{ name: 'a"b' }, '', 'avg({__name__="a\\"b"})'],
  ] as const)('%j of %j', (changes, service, promql) => {
    expect(promqlOf(metric(changes), service)?.promql).toBe(promql);
  });

  it('of a summary are no one series', () => {
    expect(promqlOf(metric({ kind: 'summary' }), '')).toBeUndefined();
  });
});
