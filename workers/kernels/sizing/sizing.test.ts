import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeSize, NO_USAGE, observeUsage, type UsageHistory, type UsageObservation } from './index.ts';
import { MOST_HOURS, usageQuantile } from './observe-usage.ts';

const HOUR_MS = 3_600_000;
const START_MS = 20_000 * 24 * HOUR_MS;
const MIB = 2 ** 20;

const QUIET: UsageObservation = {
  ...{ usage: new Float64Array(0), limit: undefined, reserved: undefined, instances: 1 },
  ...{ looked: 0, pressed: 0, waits: 0, waitSeconds: 0, uses: 0, useSeconds: 0 },
};

/** Six times an hour, as a round of advice is. */
function observed(hours: number, at: (round: number) => Partial<UsageObservation>): UsageHistory {
  let history = NO_USAGE;
  for (let round = 0; round < hours * 6; round += 1) {
    history = observeUsage(history, { ...QUIET, ...at(round) }, START_MS + (round * HOUR_MS) / 6);
  }
  return history;
}

const usageOf = (...values: number[]): Float64Array => Float64Array.from(values);

describe('the size of a resource', () => {
  it('is far too large when a day long much less was used, and says what would do', () => {
    const usage = (round: number): Partial<UsageObservation> => ({
      ...{ usage: usageOf(0.1, 0.11, round === 50 ? 0.9 : 0.12), limit: 4, reserved: 2, instances: 3 },
    });
    expect(judgeSize('cpu', observed(20, usage))).toBeUndefined();
    const judgement = judgeSize('cpu', observed(30, usage));
    expect(judgement).toMatchObject({
      ...{ verdict: 'too-large', current: 2, suggested: 0.15, instances: 3, peak: 0.9 },
      ...{ spanHours: 30, hoursSeen: 30 },
    });
    expect(judgement?.p99).toBeGreaterThanOrEqual(0.12);
    expect(judgement?.p99).toBeLessThanOrEqual(0.12 * 1.05);
  });

  it('of memory has room for its peak', () => {
    const history = observed(30, (round) => ({
      ...{ usage: usageOf((round === 50 ? 900 : 100) * MIB), limit: 4_096 * MIB },
    }));
    expect(judgeSize('memory', history)).toMatchObject({ verdict: 'too-large', suggested: 1_088 * MIB });
    expect(
      judgeSize(
        'memory',
        observeUsage(history, { ...QUIET, usage: usageOf(2_000 * MIB) }, START_MS + 30 * HOUR_MS),
      ),
    ).toBeUndefined();
  });

  it('is not judged without a limit, after a pause of days, or for a saving of nothing', () => {
    expect(
      judgeSize(
        'cpu',
        observed(30, () => ({ usage: usageOf(0.1) })),
      ),
    ).toBeUndefined();
    const rare = observed(30, (round) => ({ usage: round % 12 === 0 ? usageOf(0.1) : usageOf(), limit: 4 }));
    expect(judgeSize('cpu', rare)).toBeUndefined();
    expect(
      judgeSize(
        'cpu',
        observed(30, () => ({ usage: usageOf(0.01), limit: 0.25 })),
      ),
    ).toBeUndefined();
    expect(
      judgeSize(
        'memory',
        observed(30, () => ({ usage: usageOf(MIB), limit: 128 * MIB })),
      ),
    ).toBeUndefined();
  });

  it('is too small when it is held back, and no more once that is over or the limit was raised', () => {
    const held = (pressed: number, limit = 1): Partial<UsageObservation> => ({
      ...{ usage: usageOf(0.8), limit, looked: 100, pressed },
    });
    expect(
      judgeSize(
        'cpu',
        observed(1, () => held(30)),
      ),
    ).toMatchObject({
      ...{ verdict: 'too-small', sign: 'held-back', signShare: 0.3, suggested: 1.5 },
    });
    expect(
      judgeSize(
        'cpu',
        observed(1, () => held(5)),
      ),
    ).toBeUndefined();
    expect(
      judgeSize(
        'cpu',
        observed(12, (round) => held(round < 30 ? 30 : 0)),
      ),
    ).toBeUndefined();
    expect(
      judgeSize(
        'cpu',
        observed(1, (round) => held(round < 5 ? 30 : 0, round < 5 ? 1 : 2)),
      ),
    ).toBeUndefined();
  });

  it('is too small when usage is near the limit, but for heaps', () => {
    const near = observed(2, () => ({ usage: usageOf(95, 50, 50, 50), limit: 100 }));
    expect(judgeSize('memory', near, false)).toMatchObject({ sign: 'near-limit', signShare: 0.25 });
    expect(judgeSize('heap', near)).toBeUndefined();
    expect(
      judgeSize(
        'memory',
        observed(2, () => ({ usage: usageOf(80), limit: 100 })),
      ),
    ).toBeUndefined();
  });

  it('of a pool is too small when it is waited for while full, and too large when nobody uses it', () => {
    const pool = (used: number, pending: number): Partial<UsageObservation> => ({
      ...{ usage: usageOf(used), limit: 20, reserved: 20, looked: 10, pressed: pending, instances: 2 },
    });
    expect(
      judgeSize(
        'connections',
        observed(1, () => pool(20, 3)),
      ),
    ).toMatchObject({
      ...{ verdict: 'too-small', sign: 'waits', signShare: 0.3, suggested: 30 },
    });
    expect(
      judgeSize(
        'connections',
        observed(1, () => pool(5, 3)),
      ),
    ).toBeUndefined();
    const waits = { usage: usageOf(20), limit: 20, waits: 50, waitSeconds: 5, uses: 50, useSeconds: 1 };
    expect(
      judgeSize(
        'connections',
        observed(1, () => waits),
      ),
    ).toMatchObject({ sign: 'waits', waitSeconds: 0.1 });
    const usual = { ...waits, waitSeconds: 0.01 };
    expect(
      judgeSize(
        'connections',
        observed(1, () => usual),
      ),
    ).toBeUndefined();
    expect(
      judgeSize(
        'connections',
        observed(30, () => pool(2, 0)),
      ),
    ).toMatchObject({
      ...{ verdict: 'too-large', current: 20, suggested: 3 },
    });
    expect(
      judgeSize(
        'connections',
        observed(30, () => pool(12, 0)),
      ),
    ).toBeUndefined();
  });
});

describe('a judgement beside a naive one of all points', () => {
  it('too large is what is twice what sorting says would do, or more', () => {
    const usage = fc.array(fc.double({ min: 0.01, max: 8, noNaN: true }), { minLength: 30, maxLength: 200 });
    const said = { large: 0, not: 0 };
    fc.assert(
      fc.property(usage, fc.double({ min: 0.5, max: 32, noNaN: true }), (points, reserved) => {
        const history = observed(25, (round) => ({
          usage: usageOf(points[round % points.length] ?? 0),
          reserved,
        }));
        const all = Array.from({ length: 150 }, (_, round) => points[round % points.length] ?? 0);
        const sorted = all.sort((a, b) => a - b);
        const needed = 1.2 * (sorted[Math.ceil(0.99 * sorted.length) - 1] ?? 0);
        const judgement = judgeSize('cpu', history);
        // Buckets are a twentieth wide, suggestions are steps of 0.05.
        const most = 1.05 * needed + 0.05;
        if (judgement?.verdict === 'too-large') {
          expect(needed).toBeLessThanOrEqual(reserved / 2);
          expect(judgement.suggested).toBeGreaterThanOrEqual(Math.min(needed, 1.2 * judgement.peak) - 1e-9);
          expect(judgement.suggested).toBeLessThanOrEqual(most);
          said.large += 1;
        } else {
          expect(judgement).toBeUndefined();
          expect(most > reserved / 2 || reserved - most < 0.25).toBe(true);
          said.not += 1;
        }
      }),
    );
    expect(Math.min(said.large, said.not)).toBeGreaterThan(10);
  });

  it('too small is what was near its limit at a twentieth of the points of six hours, or more', () => {
    const points = fc.array(fc.integer({ min: 50, max: 100 }), { minLength: 36, maxLength: 36 });
    const said = { small: 0, not: 0 };
    fc.assert(
      fc.property(points, fc.integer({ min: 90, max: 130 }), (values, limit) => {
        const history = observed(6, (round) => ({ usage: usageOf(values[round] ?? 0), limit }));
        const near = values.filter((value) => value >= 0.9 * limit).length;
        const isSmall = near >= 0.05 * values.length;
        const judgement = judgeSize('memory', history, false);
        expect(judgement?.verdict).toBe(isSmall ? 'too-small' : undefined);
        if (isSmall) expect(judgement?.signShare).toBe(near / values.length);
        said[isSmall ? 'small' : 'not'] += 1;
      }),
    );
    expect(Math.min(said.small, said.not)).toBeGreaterThan(10);
  });
});

describe('a history of usage', () => {
  it('has quantiles as sorting has them, within a bucket', () => {
    const usages = fc.array(fc.array(fc.double({ min: 1e-6, max: 1e15, noNaN: true }), { maxLength: 20 }), {
      ...{ minLength: 1, maxLength: 20 },
    });
    fc.assert(
      fc.property(usages, fc.constantFrom(0.5, 0.9, 0.99, 1), (rounds, q) => {
        let history = NO_USAGE;
        for (const [round, usage] of rounds.entries()) {
          history = observeUsage(
            history,
            { ...QUIET, usage: Float64Array.from(usage) },
            START_MS + round * HOUR_MS,
          );
        }
        const sorted = rounds.flat().sort((a, b) => a - b);
        const exact = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
        const estimate = usageQuantile(history, q);
        if (exact === undefined) expect(estimate).toBeNaN();
        else {
          expect(estimate).toBeGreaterThanOrEqual(exact * (1 - 1e-6));
          expect(estimate).toBeLessThanOrEqual(exact * 1.05 * (1 + 1e-6));
        }
      }),
    );
  });

  it('forgets after a week, survives JSON, and stands anything', () => {
    const long = observed(24 * 12, () => ({ usage: usageOf(1), limit: 2 }));
    expect(long.hours).toHaveLength(MOST_HOURS);
    expect(long.days).toHaveLength(8);
    expect(JSON.parse(JSON.stringify(long))).toEqual(long);
    const number = fc.oneof(fc.double(), fc.constantFrom(0, -1, 1e308, Number.NaN, Infinity, -Infinity));
    const maybe = fc.option(number, { nil: undefined });
    const observation = fc.record({
      usage: fc.array(number, { maxLength: 5 }).map((values) => Float64Array.from(values)),
      ...{ limit: maybe, reserved: maybe, instances: fc.nat(5), looked: fc.nat(100), pressed: fc.nat(100) },
      ...{ waits: fc.nat(100), waitSeconds: fc.nat(100), uses: fc.nat(100), useSeconds: fc.nat(100) },
    });
    const times = fc.integer({ min: -10, max: 400 });
    fc.assert(
      fc.property(fc.array(fc.tuple(observation, times), { maxLength: 60 }), (rounds) => {
        let history = NO_USAGE;
        for (const [seen, hour] of rounds) history = observeUsage(history, seen, START_MS + hour * HOUR_MS);
        expect(history.hours.length).toBeLessThanOrEqual(MOST_HOURS);
        for (const limit of [history.limit, history.reserved]) expect(Number.isFinite(limit ?? 0)).toBe(true);
        for (const resource of ['cpu', 'memory', 'heap', 'connections'] as const) {
          const judgement = judgeSize(resource, history);
          const { median, p99, ...figures } = judgement ?? {};
          // Without a point nothing is known of these.
          const isNone = history.days.length === 0;
          expect([median ?? 0, p99 ?? 0].map(Number.isNaN)).toEqual(
            judgement ? [isNone, isNone] : [false, false],
          );
          expect(Object.values(figures).some(Number.isNaN)).toBe(false);
          if (judgement?.verdict === 'too-large') {
            expect(judgement.suggested).toBeLessThanOrEqual(judgement.current / 2);
          }
        }
      }),
    );
  });

  it.each([Number.NaN, Infinity, -Infinity])('takes a limit of %d for none', (limit) => {
    const history = observed(30, () => ({ usage: usageOf(1), limit, reserved: limit }));
    expect(history).toMatchObject({ limit: null, reserved: null });
    expect(judgeSize('cpu', history)).toBeUndefined();
    const known = observed(30, (round) => ({ usage: usageOf(1), limit: round === 5 ? 8 : limit }));
    expect(judgeSize('cpu', known)).toMatchObject({ verdict: 'too-large', current: 8 });
  });

  it('of a constant, of one point and of a clock that is turned back is none or sane', () => {
    const constant = observed(30, () => ({ usage: usageOf(1e300), limit: 1e301 }));
    expect(judgeSize('cpu', constant)).toMatchObject({ verdict: 'too-large', current: 1e301 });
    expect(
      judgeSize(
        'cpu',
        observed(0.1, () => ({ usage: usageOf(1), limit: 100 })),
      ),
    ).toBeUndefined();
    let turned = NO_USAGE;
    for (let hour = 40; hour > 0; hour -= 1) {
      turned = observeUsage(turned, { ...QUIET, usage: usageOf(1), limit: 100 }, START_MS + hour * HOUR_MS);
    }
    // What is of the future is forgotten.
    expect(turned.hours).toHaveLength(1);
    expect(judgeSize('cpu', turned)).toBeUndefined();
  });
});
