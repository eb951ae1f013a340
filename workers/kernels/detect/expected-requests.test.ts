import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  COUNT_SIZE,
  DURATIONS_SIZE,
  expectedRequests,
  newChange,
  observeCount,
  observeDurations,
  observeShare,
  SHARE_SIZE,
  type Expectation,
  type OperationState,
} from './index.ts';

const CELL_MS = 2_000;
const CELL_SECONDS = 2;

function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

/** Arrivals of a Poisson process within a second. */
function arrivals(rate: number, random: () => number): number {
  let count = -1;
  for (let at = 0; at <= 1; at += -Math.log(random()) / rate) count += 1;
  return count;
}

interface Second {
  readonly requests: number;
  readonly errors: number;
  readonly nanos: readonly number[];
}

interface Habit {
  readonly rate: number;
  readonly share: number;
  readonly usualNanos: number;
}

function secondOf({ rate, share, usualNanos }: Habit, random: () => number): Second {
  const requests = arrivals(rate, random);
  const nanos = Array.from({ length: requests }, () => {
    const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
    return usualNanos * Math.exp(0.5 * normal);
  });
  return { requests, errors: nanos.filter(() => random() < share).length, nanos };
}

/** Tests of a service that has done the same for a while. */
class Watched {
  readonly requests = new Float64Array(COUNT_SIZE);
  readonly operations: {
    readonly habit: Habit;
    readonly errors: Float64Array;
    readonly latency: Float64Array;
  }[];
  nowMs = 1_700_000_000_000;
  private readonly random: () => number;

  constructor(habits: readonly Habit[], seed = 1) {
    this.random = noise(seed);
    this.operations = habits.map((habit) => ({
      habit,
      errors: new Float64Array(SHARE_SIZE),
      latency: new Float64Array(DURATIONS_SIZE),
    }));
  }

  learn(cells: number): this {
    const change = newChange();
    for (let cell = 0; cell < cells; cell += 1) {
      this.nowMs += CELL_MS;
      let all = 0;
      for (const { habit, errors, latency } of this.operations) {
        const seconds = [secondOf(habit, this.random), secondOf(habit, this.random)];
        const nanos = Float64Array.from(seconds.flatMap((second) => second.nanos));
        const failed = seconds.reduce((sum, second) => sum + second.errors, 0);
        all += nanos.length;
        observeShare(errors, 0, failed, nanos.length, this.nowMs, change);
        const weights = new Float64Array(nanos.length).fill(1);
        observeDurations(latency, 0, nanos, weights, 0, nanos.length, this.nowMs, change);
      }
      observeCount(this.requests, 0, all, CELL_SECONDS, this.nowMs, change);
    }
    return this;
  }

  /** A second of all operations. */
  second(): Second {
    const parts = this.operations.map(({ habit }) => secondOf(habit, this.random));
    return {
      requests: parts.reduce((sum, { requests }) => sum + requests, 0),
      errors: parts.reduce((sum, { errors }) => sum + errors, 0),
      nanos: parts.flatMap(({ nanos }) => nanos),
    };
  }

  expected(): ReturnType<typeof expectedRequests> {
    const states = this.operations.map(({ habit, errors, latency }): OperationState => ({
      rate: habit.rate,
      errors,
      latency,
    }));
    return expectedRequests(this.requests, states, this.nowMs, CELL_SECONDS);
  }
}

function bandOf(expectation: Expectation): {
  readonly expected: number;
  readonly lower: number;
  readonly upper: number;
} {
  return typeof expectation === 'string' ? expect.unreachable(`it is ${expectation}`) : expectation;
}

function p95Of(nanos: readonly number[]): number {
  const sorted = [...nanos].sort((one, other) => one - other);
  return sorted[Math.ceil(0.95 * sorted.length) - 1] ?? Number.NaN;
}

const SHOP: readonly Habit[] = [
  { rate: 20, share: 0.02, usualNanos: 5e6 },
  { rate: 4, share: 0.2, usualNanos: 80e6 },
];

describe('what is expected of a second', () => {
  it.each([
    ['of a busy service', SHOP],
    ['of a quiet one', [{ rate: 0.5, share: 0.01, usualNanos: 20e6 }]],
    ['of one operation', [{ rate: 200, share: 0, usualNanos: 1e6 }]],
  ] as const)('%s is left by hardly any healthy one', (_what, habits) => {
    const watched = new Watched(habits).learn(1_500);
    const expected = watched.expected();
    const beyond = { requests: 0, errors: 0, p95: 0 };
    const seconds = 3_000;
    for (let second = 0; second < seconds; second += 1) {
      const { requests, errors, nanos } = watched.second();
      const isBeyond = (band: Expectation, value: number): boolean =>
        value < bandOf(band).lower || value > bandOf(band).upper;
      if (isBeyond(expected.requests, requests)) beyond.requests += 1;
      if (isBeyond(expected.errors, errors)) beyond.errors += 1;
      if (nanos.length > 0 && isBeyond(expected.p95, p95Of(nanos))) beyond.p95 += 1;
    }
    for (const [figure, times] of Object.entries(beyond)) {
      expect([figure, times / seconds < 0.003, times / seconds]).toEqual([figure, true, expect.any(Number)]);
    }
  });

  it('is what it was told to be, and no wider than it must', () => {
    const { requests, errors, p95 } = new Watched(SHOP).learn(1_500).expected();
    expect(bandOf(requests).expected).toBeGreaterThan(22);
    expect(bandOf(requests).expected).toBeLessThan(26);
    expect(bandOf(requests).lower).toBeGreaterThan(8);
    expect(bandOf(requests).upper).toBeLessThan(45);
    expect(bandOf(errors).expected).toBeGreaterThan(0.9);
    expect(bandOf(errors).expected).toBeLessThan(1.6);
    expect(bandOf(errors).upper).toBeLessThan(9);
    const healthy = new Watched(SHOP, 9);
    const all = Array.from({ length: 4_000 }, () => healthy.second().nanos).flat();
    expect(bandOf(p95).expected / p95Of(all)).toBeGreaterThan(0.8);
    expect(bandOf(p95).expected / p95Of(all)).toBeLessThan(1.25);
  });

  it('is beyond it when requests fail, stop, or are much slower', () => {
    const { requests, errors, p95 } = new Watched(SHOP).learn(1_500).expected();
    expect(bandOf(requests).lower).toBeGreaterThan(0);
    expect(bandOf(errors).upper).toBeLessThan(24 / 2);
    expect(bandOf(p95).upper).toBeLessThan(20 * 80e6);
  });

  it('is not known at first, and not of what does nothing', () => {
    const fresh = new Watched(SHOP).learn(2);
    expect(fresh.expected()).toEqual({
      requests: 'learning',
      errors: expect.anything() as unknown,
      p95: 'learning',
    });
    expect(expectedRequests(undefined, [], 0, CELL_SECONDS)).toEqual({
      requests: 'learning',
      errors: 'idle',
      p95: 'idle',
    });
    const unwatched = { rate: 9, errors: undefined, latency: undefined };
    expect(expectedRequests(undefined, [unwatched], 0, CELL_SECONDS)).toMatchObject({
      errors: 'learning',
      p95: 'learning',
    });
  });

  it('is what naive counting has of all that was told, when it was ever the same', () => {
    const operation = fc.record({
      ...{ failed: fc.integer({ min: 0, max: 3 }), trials: fc.integer({ min: 4, max: 40 }) },
      rate: fc.double({ min: 0.1, max: 50, noNaN: true }),
    });
    const operations = fc.array(operation, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(operations, fc.integer({ min: 1, max: 200 }), (all, perCell) => {
        const change = newChange();
        const requests = new Float64Array(COUNT_SIZE);
        const cells = 150;
        const states = all.map(({ failed, trials, rate }): OperationState => {
          const errors = new Float64Array(SHARE_SIZE);
          for (let cell = 1; cell <= cells; cell += 1) {
            observeShare(errors, 0, failed, trials, cell * CELL_MS, change);
          }
          return { rate, errors, latency: undefined };
        });
        for (let cell = 1; cell <= cells; cell += 1) {
          observeCount(requests, 0, perCell, CELL_SECONDS, cell * CELL_MS, change);
        }
        const expected = expectedRequests(requests, states, cells * CELL_MS, CELL_SECONDS);
        const errors = all.reduce((sum, { failed, trials, rate }) => sum + (rate * failed) / trials, 0);
        expect(bandOf(expected.errors).expected).toBeCloseTo(errors, 6);
        expect(bandOf(expected.requests).expected).toBeCloseTo(perCell / CELL_SECONDS, 6);
      }),
      { numRuns: 30 },
    );
  });

  it('writes nothing into the states', () => {
    const watched = new Watched(SHOP).learn(400);
    const states = (): Float64Array[] => [
      watched.requests.slice(),
      ...watched.operations.flatMap(({ errors, latency }) => [errors.slice(), latency.slice()]),
    ];
    const before = states();
    watched.expected();
    expect(states()).toEqual(before);
  });

  it('is in order and finite, whatever was learned', () => {
    const odd = fc.oneof(
      fc.constantFrom(0, -1, NaN, Infinity, -Infinity, 1e300, 1e12, 1e-300),
      fc.double({ min: 0, max: 1e6 }),
    );
    const anyRate = fc.oneof(
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      fc.constantFrom(NaN, Infinity, -1, 1e300, 1e12, 5e-324),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(odd, odd, odd, odd), { maxLength: 150 }), anyRate, (cells, rate) => {
        const change = newChange();
        const [requests, errors, latency] = [COUNT_SIZE, SHARE_SIZE, DURATIONS_SIZE].map(
          (size) => new Float64Array(size),
        ) as [Float64Array, Float64Array, Float64Array];
        cells.forEach(([count, trials, nanos, seconds], cell) => {
          const unixMs = (cell + 1) * CELL_MS;
          observeCount(requests, 0, count, seconds, unixMs, change);
          observeShare(errors, 0, count, trials, unixMs, change);
          observeDurations(latency, 0, Float64Array.of(nanos), Float64Array.of(trials), 0, 1, unixMs, change);
        });
        const expected = expectedRequests(requests, [{ rate, errors, latency }], 1e12, CELL_SECONDS);
        for (const band of [expected.requests, expected.errors, expected.p95]) {
          if (typeof band === 'string') continue;
          expect(band.lower).toBeLessThanOrEqual(band.expected);
          expect(band.upper).toBeGreaterThanOrEqual(band.expected);
          expect(band.lower).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(band.upper)).toBe(true);
        }
      }),
    );
  });
});
