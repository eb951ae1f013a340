import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  COUNT_SIZE,
  DURATIONS_SIZE,
  newChange,
  observeCount,
  observeDurations,
  observeShare,
  SHARE_SIZE,
  startSilent,
  settleCount,
  settleDurations,
  settleShare,
  type Change,
} from './index.ts';
import { usualCount } from './observe-count.ts';
import { addUsualDurations, DURATION_BUCKETS, durationBound } from './observe-durations.ts';
import { usualShare } from './observe-share.ts';
import { accumulate, TEST_SIZE } from './sequential-test.ts';

const CELL_MS = 2_000;
const ALARM = 16;

function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

/** Knuth's, for small means. */
function poisson(mean: number, random: () => number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}

function binomial(trials: number, share: number, random: () => number): number {
  let events = 0;
  for (let trial = 0; trial < trials; trial += 1) if (random() < share) events += 1;
  return events;
}

/** Evidence by cell. */
function countSeries(counts: readonly number[], state = new Float64Array(COUNT_SIZE)): number[] {
  const change = newChange();
  return counts.map((count, cell) => {
    observeCount(state, 0, count, CELL_MS / 1_000, (cell + 1) * CELL_MS, change);
    return change.evidence;
  });
}

function shareSeries(cells: readonly (readonly [number, number])[]): { evidence: number[]; last: Change } {
  const state = new Float64Array(SHARE_SIZE);
  const change = newChange();
  const evidence = cells.map(([events, trials], cell) => {
    observeShare(state, 0, events, trials, (cell + 1) * CELL_MS, change);
    return change.evidence;
  });
  return { evidence, last: change };
}

function durationSeries(cells: readonly (readonly number[])[]): number[] {
  const state = new Float64Array(DURATIONS_SIZE);
  const change = newChange();
  return cells.map((durations, cell) => {
    const nanos = Float64Array.from(durations);
    const weights = new Float64Array(nanos.length).fill(1);
    observeDurations(state, 0, nanos, weights, 0, nanos.length, (cell + 1) * CELL_MS, change);
    return change.evidence;
  });
}

function logNormal(usual: number, random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  return usual * Math.exp(0.35 * normal);
}

describe('the cumulative sum', () => {
  it('is the best that any stretch up to now says', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { maxLength: 40 }), (ratios) => {
        const state = new Float64Array(TEST_SIZE);
        const found = ratios.map((ratio, index) => accumulate(state, 0, ratio, index));
        const naive = ratios.map((_, end) => {
          let best = 0;
          for (let from = 0; from <= end; from += 1) {
            best = Math.max(
              best,
              ratios.slice(from, end + 1).reduce((sum, ratio) => sum + ratio, 0),
            );
          }
          return Math.min(40, best);
        });
        naive.forEach((expected, index) => {
          if (naive.slice(0, index + 1).every((each) => each < 40)) {
            expect(found[index]).toBeCloseTo(expected, 9);
          }
        });
      }),
    );
  });
});

/** The most that any stretch of cells up to the last one says, of the best alternative, less what so many chances cost. */
function naiveEvidence(ratios: readonly (readonly number[])[]): number {
  const alternatives = ratios[0]?.length ?? 0;
  let best = 0;
  for (let each = 0; each < alternatives; each += 1) {
    for (let from = 0; from < ratios.length; from += 1) {
      const stretch = ratios.slice(from).map((of) => Math.min(10, of[each] ?? Number.NaN));
      best = Math.max(
        best,
        stretch.reduce((sum, ratio) => sum + ratio, 0),
      );
    }
  }
  return Math.max(0, best - Math.log(alternatives));
}

/** Beyond it evidence is cut off. */
const NEARLY_ALL = 35;

describe('beside naive likelihood ratios of whole stretches', () => {
  const factorial = (count: number): number => (count < 2 ? 0 : Math.log(count) + factorial(count - 1));
  const cells = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 10 });

  it('counts are Poisson, at the likeliest rate that is not held against them', () => {
    const lnPoisson = (count: number, mean: number): number =>
      count * Math.log(mean) - mean - factorial(count);
    let told = 0;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), cells, (usual, counts) => {
        const state = new Float64Array(COUNT_SIZE);
        const change = newChange();
        let unixMs = 0;
        for (let cell = 0; cell < 150; cell += 1) {
          observeCount(state, 0, usual, 2, (unixMs += CELL_MS), change);
        }
        const ratios: number[][] = [];
        for (const count of counts) {
          unixMs += CELL_MS;
          const known = usualCount(state, 0, unixMs, 2);
          if (known === undefined) throw new Error('not learned');
          const mean = 2 * Math.max(known.least, Math.min(count / 2, known.most));
          ratios.push(
            [1.8, 4, 0.5, 0.1].map(
              (factor) => (lnPoisson(count, factor * mean) - lnPoisson(count, mean)) / known.scatter,
            ),
          );
          observeCount(state, 0, count, 2, unixMs, change);
          const naive = naiveEvidence(ratios);
          if (naive > NEARLY_ALL) return;
          expect(change.evidence).toBeCloseTo(naive, 6);
          told += Number(naive > 0);
        }
      }),
    );
    expect(told).toBeGreaterThan(20);
  });

  it('shares are binomial, at most as usual as few trials can tell', () => {
    const trials = 60;
    const lnBinomial = (events: number, share: number): number =>
      factorial(trials) -
      factorial(events) -
      factorial(trials - events) +
      events * Math.log(share) +
      (trials - events) * Math.log(1 - share);
    let told = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6 }), cells, (usual, failures) => {
        const state = new Float64Array(SHARE_SIZE);
        const change = newChange();
        let unixMs = 0;
        for (let cell = 0; cell < 50; cell += 1) {
          observeShare(state, 0, usual, trials, (unixMs += CELL_MS), change);
        }
        const ratios: number[][] = [];
        for (const events of failures) {
          const known = usualShare(state, 0);
          if (known === undefined) throw new Error('not learned');
          const { most, scatter } = known;
          ratios.push(
            [0.05, 0.3, 0.8].map(
              (more) => (lnBinomial(events, most + (1 - most) * more) - lnBinomial(events, most)) / scatter,
            ),
          );
          observeShare(state, 0, events, trials, (unixMs += CELL_MS), change);
          const naive = naiveEvidence(ratios);
          if (naive > NEARLY_ALL) return;
          expect(change.evidence).toBeCloseTo(naive, 6);
          told += Number(naive > 0);
        }
      }),
    );
    expect(told).toBeGreaterThan(20);
  });

  it('durations are multinomial over classes cut at the quantiles of all that was usual', () => {
    const bucket = fc.integer({ min: 20, max: 40 });
    // Just as many as are needed before anything is said.
    const usualCells = fc.array(fc.array(bucket, { minLength: 4, maxLength: 4 }), {
      minLength: 26,
      maxLength: 26,
    });
    const nanos = (buckets: readonly number[]): Float64Array =>
      Float64Array.from(buckets, (each) => durationBound(each + 0.5));
    const floors = [0.1, 0.02, 0.01, 0.004, 0.001];
    const slower = [
      [0.5, 0.2, 0.18, 0.08, 0.04],
      [0.2, 0.1, 0.15, 0.2, 0.35],
    ];
    let told = 0;
    fc.assert(
      fc.property(usualCells, fc.array(bucket, { maxLength: 10 }), fc.nat(12), (usual, late, shift) => {
        const state = new Float64Array(DURATIONS_SIZE);
        const change = newChange();
        let unixMs = 0;
        const observe = (buckets: readonly number[]): void => {
          const weights = new Float64Array(buckets.length).fill(1);
          unixMs += CELL_MS;
          observeDurations(state, 0, nanos(buckets), weights, 0, buckets.length, unixMs, change);
        };
        for (const buckets of usual) observe(buckets);
        const distribution = new Float64Array(DURATION_BUCKETS);
        const ratios: number[][] = [];
        for (const each of late) {
          distribution.fill(0);
          const scatter = addUsualDurations(state, 0, 1, distribution) ?? Number.NaN;
          const below = (to: number): number =>
            distribution.subarray(0, to).reduce((sum, share) => sum + share, 0);
          const above = distribution.findIndex((_, to) => below(to) >= 0.995 - 1e-9);
          const classOf = (of: number): number =>
            above >= 0 && of >= above + 5
              ? 4
              : [0.8, 0.95, 0.995].filter((q) => below(of) >= q - 1e-9).length;
          const shares = floors.map((floor, kind) =>
            Math.max(
              floor,
              distribution.reduce((sum, share, of) => sum + (classOf(of) === kind ? share : 0), 0),
            ),
          );
          const whole = shares.reduce((sum, share) => sum + share, 0);
          const kind = classOf(each + shift);
          ratios.push(
            slower.map((to) => Math.log((to[kind] ?? 1) / ((shares[kind] ?? 1) / whole)) / scatter),
          );
          observe([each + shift]);
          const naive = naiveEvidence(ratios);
          if (naive > NEARLY_ALL) return;
          expect(change.evidence).toBeCloseTo(naive, 6);
          told += Number(naive > 0);
        }
      }),
      { numRuns: 60 },
    );
    expect(told).toBeGreaterThan(20);
  });
});

describe('failures among requests', () => {
  it('that are usual are no news, however rare or frequent', () => {
    for (const share of [0, 0.001, 0.01, 0.1, 0.4]) {
      const random = noise(7);
      const cells = Array.from({ length: 5_000 }, () => [binomial(10, share, random), 10] as const);
      expect(Math.max(...shareSeries(cells).evidence)).toBeLessThan(ALARM);
    }
  });

  it('that become frequent are, after a handful of requests', () => {
    const healthy = Array.from({ length: 200 }, () => [0, 2] as const);
    const { evidence } = shareSeries([...healthy, ...Array.from({ length: 5 }, () => [1, 2] as const)]);
    expect(Math.max(...evidence.slice(0, 200))).toBe(0);
    expect(evidence[204]).toBeGreaterThan(ALARM);
    expect(evidence[200]).toBeLessThan(ALARM);
  });

  it('are not judged while there were few requests', () => {
    expect(Math.max(...shareSeries(Array.from({ length: 10 }, () => [1, 2] as const)).evidence)).toBe(0);
  });

  it('that last for half an hour are how it is now', () => {
    const healthy = Array.from({ length: 200 }, () => [0, 10] as const);
    const failing = Array.from({ length: 1_800 }, () => [5, 10] as const);
    const { evidence, last } = shareSeries([...healthy, ...failing]);
    expect(evidence[800]).toBeGreaterThan(ALARM);
    expect(evidence.at(-1)).toBeLessThan(ALARM);
    expect(last.expected).toBeGreaterThan(0.3);
  });
});

describe('counts of events', () => {
  it.each([0.01, 0.1, 2, 50])('that come %d times a cell by chance are no news', (mean) => {
    const random = noise(3);
    const evidence = countSeries(Array.from({ length: 6_000 }, () => poisson(mean, random)));
    expect(Math.max(...evidence)).toBeLessThan(ALARM);
  });

  it('that come in bursts are given more room', () => {
    const random = noise(5);
    const counts = Array.from({ length: 4_000 }, () => 12 * poisson(2, random));
    expect(Math.max(...countSeries(counts))).toBeLessThan(ALARM);
  });

  it('that double or stop are news', () => {
    const random = noise(11);
    const healthy = Array.from({ length: 600 }, () => poisson(8, random));
    const doubled = countSeries([...healthy, ...Array.from({ length: 10 }, () => poisson(18, random))]);
    expect(doubled.at(-1)).toBeGreaterThan(ALARM);
    const stopped = countSeries([...healthy, ...Array.from({ length: 6 }, () => 0)]);
    expect(stopped.at(-1)).toBeGreaterThan(ALARM);
  });

  it('of a kind that never came are news when the rest was watched for long', () => {
    const state = new Float64Array(COUNT_SIZE);
    startSilent(state, 0, 3_600);
    expect(countSeries([40, 40], state).at(-1)).toBeGreaterThan(ALARM);
    expect(countSeries([40, 40]).at(-1)).toBe(0);
  });

  it.each([Number.NaN, -1, -Infinity, 0, Infinity, 1e300])(
    'of a kind that was watched for %d s are learned',
    (seconds) => {
      const state = new Float64Array(COUNT_SIZE);
      startSilent(state, 0, seconds);
      const change = newChange();
      for (let cell = 1; cell <= 4_000; cell += 1) observeCount(state, 0, 4, 2, cell * CELL_MS, change);
      expect(change).toMatchObject({ isLearning: false, expected: expect.closeTo(2, 1) as number });
    },
  );

  it('are learned after all when a doubt goes away by itself', () => {
    const random = noise(13);
    const state = new Float64Array(COUNT_SIZE);
    const change = newChange();
    let events = 0;
    const cells = 20_000;
    for (let cell = 1; cell <= cells; cell += 1) {
      const count = poisson(0.08, random);
      events += count;
      observeCount(state, 0, count, CELL_MS / 1_000, cell * CELL_MS, change);
    }
    const rate = events / (cells * (CELL_MS / 1_000));
    expect(change.expected).toBeGreaterThan(rate / 2);
    expect(change.expected).toBeLessThan(rate * 2);
  });
});

describe('durations', () => {
  it('that scatter as ever are no news', () => {
    const random = noise(17);
    const cells = Array.from({ length: 3_000 }, () =>
      Array.from({ length: 4 }, () => (random() < 0.01 ? 20 : 1) * logNormal(5e7, random)),
    );
    expect(Math.max(...durationSeries(cells))).toBeLessThan(ALARM);
  });

  it('of which all grow are news after a few requests, and half as many are a little later', () => {
    const random = noise(19);
    const healthy = Array.from({ length: 300 }, () => [logNormal(8e7, random), logNormal(8e7, random)]);
    const slow = Array.from({ length: 4 }, () => [logNormal(1.6e9, random)]);
    expect(durationSeries([...healthy, ...slow]).at(-1)).toBeGreaterThan(ALARM);
    const mixed = Array.from({ length: 10 }, () => [logNormal(1.6e9, random), logNormal(8e7, random)]);
    expect(durationSeries([...healthy, ...mixed]).at(-1)).toBeGreaterThan(ALARM);
  });

  it('mean the same in any unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 20 }), (seed, steps) => {
        // Whole buckets, and none at an edge: what is scaled falls into buckets as before.
        const random = noise(seed);
        const cells = Array.from({ length: 120 }, (_, cell) =>
          [0, 1].map(() => 1e6 * 1.25 ** (Math.floor(random() * 6) + (cell > 110 ? 9 : 0) + 0.5)),
        );
        const scaled = cells.map((durations) => durations.map((each) => each * 1.25 ** steps));
        durationSeries(scaled).forEach((evidence, cell) => {
          expect(evidence).toBeCloseTo(durationSeries(cells)[cell] ?? NaN, 6);
        });
      }),
      { numRuns: 5 },
    );
  });
});

describe('figures that make no sense', () => {
  const hostile = fc.oneof(
    fc.constantFrom(NaN, Infinity, -Infinity, 0, -1, 1e300, -1e300, Number.MAX_VALUE),
    fc.double(),
  );

  it('leave every test with an answer, and with a state that is finite', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(hostile, hostile, hostile), { maxLength: 300 }), (cells) => {
        const states = [SHARE_SIZE, COUNT_SIZE, DURATIONS_SIZE].map((size) => new Float64Array(size));
        const [share = new Float64Array(), count = share, durations = share] = states;
        const change = newChange();
        for (const [one, other, unixMs] of cells) {
          observeShare(share, 0, one, other, unixMs, change);
          expect(Number.isFinite(change.evidence)).toBe(true);
          observeCount(count, 0, one, other, unixMs, change);
          expect(Number.isFinite(change.evidence)).toBe(true);
          observeDurations(durations, 0, Float64Array.of(one), Float64Array.of(other), 0, 1, unixMs, change);
          expect(Number.isFinite(change.evidence)).toBe(true);
        }
        settleShare(share, 0);
        settleCount(count, 0);
        settleDurations(durations, 0);
        for (const state of states) expect(state.every((value) => !Number.isNaN(value))).toBe(true);
        // Nothing is in doubt any more: a cell without anything is no evidence.
        observeShare(share, 0, 0, 0, 0, change);
        expect(change.evidence).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
