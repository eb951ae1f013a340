import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedBand, forecastSeries, saturationCurves } from './index.ts';

const free = { checkpoint: (): void => undefined };
const hostile = fc.oneof(
  fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1e300, -1e300, Number.MIN_VALUE),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
);
const values = fc.array(hostile, { maxLength: 120 }).map((list) => Float64Array.from(list));

describe('the forecast of a series', () => {
  it('is a refusal with a reason, or finite and in order, whatever the series', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 20 }), (series, horizon) => {
        const outcome = forecastSeries({ values: series, intervalSeconds: 60, horizon, limit: 10 }, free);
        if (outcome.type === 'refused') {
          expect(outcome.message).toMatch(/./);
          return;
        }
        for (const [at, median] of outcome.median.entries()) {
          const rising = [
            outcome.lower95[at],
            outcome.lower80[at],
            median,
            outcome.upper80[at],
            outcome.upper95[at],
          ];
          expect(rising.every(Number.isFinite)).toBe(true);
          expect(rising).toEqual([...rising].sort((one, other) => (one ?? 0) - (other ?? 0)));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('says when the limit is reached, and nothing of one that was not asked for', () => {
    const rising = Float64Array.from({ length: 60 }, (_, at) => at);
    const asked = { values: rising, intervalSeconds: 60, horizon: 60 };
    const outcome = forecastSeries({ ...asked, limit: 80 }, free);
    expect(outcome.type === 'forecast' && (outcome.reached?.median ?? NaN) / 60).toBeCloseTo(21, 0);
    expect(forecastSeries(asked, free)).not.toHaveProperty('reached');
  });

  it('stops when nobody waits for it', () => {
    const checkpoint = (): void => {
      throw new Error('nobody waits');
    };
    const asked = { values: new Float64Array(60), intervalSeconds: 60, horizon: 10 };
    expect(() => forecastSeries(asked, { checkpoint })).toThrow('nobody waits');
  });
});

describe('the band of a series', () => {
  it('has a value for each row that is shown, and anomalies among these alone', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 150 }), (series, shownFrom) => {
        const asked = { startUnixMs: 1e12, stepMs: 1_000, values: series, shownFrom };
        const { expected, lower, upper, anomalies, learning } = expectedBand(asked, free);
        const shown = Math.max(0, series.length - shownFrom);
        expect([expected.length, lower.length, upper.length]).toEqual([shown, shown, shown]);
        expect(learning).toBeLessThanOrEqual(shown);
        for (const { unixMs, score, observed } of anomalies) {
          const row = (unixMs - 1e12) / 1_000;
          expect(row).toBeGreaterThanOrEqual(shownFrom);
          expect(series[row]).toBe(observed);
          expect(score).toBeGreaterThanOrEqual(0.5);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('expects nothing below zero of what never was there', () => {
    const series = Float64Array.from({ length: 300 }, (_, at) => (at * 7_919) % 11);
    const { lower } = expectedBand({ startUnixMs: 0, stepMs: 1_000, values: series, shownFrom: 100 }, free);
    expect(Math.min(...lower)).toBe(0);
    const below = expectedBand(
      { startUnixMs: 0, stepMs: 1_000, values: series.map((value) => value - 5), shownFrom: 100 },
      free,
    );
    expect(Math.min(...below.lower)).toBeLessThan(-5);
  });
});

describe('load curves', () => {
  it('are one for each service, in their order', () => {
    const throughput = Float64Array.from({ length: 72 }, (_, at) => 1 + at / 10);
    const latency = throughput.map((perSecond) => 20 / (1 - perSecond / 10));
    const nothing = { throughput: new Float64Array(0), latency: new Float64Array(0) };
    const curves = saturationCurves({ samples: [nothing, { throughput, latency }] }, free);
    expect(curves.map(({ kind }) => kind)).toEqual(['none', 'curve']);
  });
});
