import { describe, expect, it } from 'vitest';
import { metricsOfShop, seriesOf } from '../../e2e/platform-metrics.ts';
import { valuesOf } from './series-values.ts';
import { formatterOf } from './unit.ts';

const NOW = 1_767_225_600_000;

describe('metric values', () => {
  const of = (name: string) => seriesOf(name, NOW).map(valuesOf);

  it('draws a counter as its rate, also over a reset', () => {
    const [values] = of('orders.placed');
    expect(values?.[0]?.y).toBeNull();
    expect(values?.[1]?.y).toBeCloseTo(1);
    expect(values?.[30]?.y).toBe(0);
    expect(values?.[31]?.y).toBeCloseTo(1);
    expect(values?.every(({ y }) => y === null || y >= 0)).toBe(true);
  });

  it('draws a distribution as the mean of each interval', () => {
    const [values] = of('http.server.request.duration');
    expect(values?.[5]?.y).toBeCloseTo(3.2 / 40);
  });

  it('leaves a gap where points are missing', () => {
    const [whole, holed] = of('process.cpu.utilization');
    expect(whole?.some(({ y }) => y === null)).toBe(false);
    expect(holed?.filter(({ y }) => y === null)).toHaveLength(1);
  });

  it('names values in the metric’s unit', () => {
    expect(formatterOf('s', 'mean')(0.25)).toBe('250 ms');
    expect(formatterOf('By', 'value')(2_048)).toBe('2 KiB');
    expect(formatterOf('By', 'rate')(2_048)).toBe('2 KiB/s');
    expect(formatterOf('1', 'value')(0.5)).toBe('50 %');
    expect(formatterOf('{order}', 'value')(12)).toBe('12 order');
    expect(formatterOf('{order}', 'rate')(12)).toBe('12/s');
    expect(metricsOfShop()).toHaveLength(4);
  });
});
