import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BURST_CELL_MS, BurstRecorder, MOST_BURSTS } from './burst-recorder.ts';
import {
  CLOCK_PERIODS_MS,
  findRecurrence,
  LONGEST_PERIOD_MS,
  MOST_OF_PERIOD,
  SHORTEST_PERIOD_MS,
  TOLERANCES_MS,
} from './find-recurrence.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 5);

/** Numbers from 0 to 1 that are the same for the same seed: a multiplicative congruential generator. */
function seeded(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe('recurring times', () => {
  it.each([
    ['every day at 02:00', DAY, 2 * HOUR, 5],
    ['every 15 minutes', 15 * MINUTE, 0, 12],
    ['every hour at 10 past', HOUR, 10 * MINUTE, 8],
    ['every Monday', 7 * DAY, 4 * DAY + 3 * HOUR, 4],
  ])('%s', (_, periodMs, phaseMs, count) => {
    const first = Math.ceil((START - phaseMs) / periodMs) * periodMs + phaseMs;
    const times = Array.from({ length: count }, (_each, index) => first + index * periodMs);
    expect(findRecurrence(times)).toMatchObject({ periodMs, phaseMs, occurrences: count, missed: 0 });
  });

  it('a distance that no clock has, within a second', () => {
    const times = Array.from({ length: 20 }, (_, index) => START + index * 17.2 * MINUTE);
    const found = findRecurrence(times);
    expect(Math.abs((found?.periodMs ?? 0) - 17.2 * MINUTE)).toBeLessThanOrEqual(1_000);
  });

  it('are found where they are put, with jitter, gaps and others between', () => {
    const period = fc.constantFrom(...CLOCK_PERIODS_MS);
    fc.assert(
      fc.property(
        period,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.nat(),
        (periodMs, phase, seed) => {
          const random = seeded(seed);
          const first = START + Math.round(phase * periodMs);
          const planted = Array.from(
            { length: 20 },
            (_, index) => first + index * periodMs + Math.round((random() - 0.5) * 10_000),
          ).filter((_, index) => index === 19 || index % 9 !== 4);
          const others = Array.from({ length: 3 }, () => first + random() * 18 * periodMs);
          const found = findRecurrence([...others, ...planted]);
          expect(found?.periodMs).toBe(periodMs);
          const distance = Math.abs((found?.phaseMs ?? 0) - (first % periodMs));
          expect(Math.min(distance, periodMs - distance)).toBeLessThanOrEqual(found?.toleranceMs ?? 0);
        },
      ),
    );
  });

  it('are not seen in times at random, or at random distances', () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const random = seeded(seed * 7_919);
      const poisson: number[] = [];
      const around: number[] = [];
      let [one, other] = [START, START];
      for (let index = 0; index < 32; index += 1) {
        one += -Math.log(1 - random()) * 20 * MINUTE;
        other += (0.7 + 0.6 * random()) * 15 * MINUTE;
        poisson.push(one);
        around.push(other);
      }
      expect(findRecurrence(poisson)).toBeUndefined();
      expect(findRecurrence(around)).toBeUndefined();
    }
  });

  /** All clock periods and tolerances through the newest time, slot by slot. */
  function naive(times: readonly number[]): number {
    const last = Math.max(...times);
    let best = Number.NEGATIVE_INFINITY;
    for (const periodMs of CLOCK_PERIODS_MS) {
      for (const toleranceMs of TOLERANCES_MS.filter((each) => each <= periodMs * MOST_OF_PERIOD)) {
        let [slots, filled, seen] = [0, 0, 0];
        for (let slot = last; slot >= Math.min(...times) - toleranceMs; slot -= periodMs) {
          seen += 1;
          if (!times.some((time) => Math.abs(time - slot) <= toleranceMs)) continue;
          filled += 1;
          slots = seen;
        }
        if (filled < 4 || filled < 0.8 * slots) continue;
        const [n, p] = [times.length - 1, (2 * toleranceMs + 10_000) / periodMs];
        const q = (filled - 1) / n;
        if (q <= p) continue;
        const miss = q === 1 ? 0 : (1 - q) * Math.log((1 - q) / (1 - p));
        const nats = n * (q * Math.log(q / p) + miss);
        best = Math.max(best, nats - Math.log(CLOCK_PERIODS_MS.length * TOLERANCES_MS.length));
      }
    }
    return best;
  }

  it('carry the evidence that counting slot by slot gives', () => {
    const minutes = fc.constantFrom(5, 15, 60, 1_440);
    const gridded = fc.tuple(minutes, fc.integer({ min: 4, max: 16 }), fc.integer({ min: 0, max: 20_000 }));
    const others = fc.array(fc.integer({ min: 0, max: 10 * HOUR }), { maxLength: 4 });
    let carried = 0;
    fc.assert(
      fc.property(gridded, others, ([period, count, jitterMs], offsets) => {
        const times = [
          ...offsets.map((offset) => START - offset),
          ...Array.from({ length: count }, (_, at) => START + at * period * MINUTE + (at % 3) * jitterMs),
        ];
        const [found, expected] = [findRecurrence(times), naive(times)];
        if (expected > 14) expect(found?.nats).toBeCloseTo(expected, 9);
        else expect(found === undefined || !CLOCK_PERIODS_MS.includes(found.periodMs)).toBe(true);
        carried += Number(expected > 14);
      }),
    );
    expect(carried).toBeGreaterThan(10);
  });

  it('hostile times are refused or answered, never more', () => {
    const any = fc.oneof(
      fc.double(),
      fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -1, 1e300, 8.64e15),
      fc.integer(),
    );
    fc.assert(
      fc.property(fc.array(any, { maxLength: 200 }), (times) => {
        const found = findRecurrence(times);
        if (found === undefined) return;
        expect(found.periodMs).toBeGreaterThanOrEqual(SHORTEST_PERIOD_MS);
        expect(found.periodMs).toBeLessThanOrEqual(LONGEST_PERIOD_MS);
        expect(Object.values(found).every((value) => Number.isFinite(value))).toBe(true);
      }),
    );
    expect(findRecurrence([])).toBeUndefined();
    expect(findRecurrence(Array.from({ length: 64 }, () => START))).toBeUndefined();
    expect(findRecurrence([START])).toBeUndefined();
    const daily = Array.from({ length: 12 }, (_, day) => START + day * DAY);
    expect(findRecurrence([...daily].reverse())).toEqual(findRecurrence(daily));
    // The same time again is no other, and no evidence for it.
    expect(findRecurrence([...daily, ...daily])?.occurrences).toBe(12);
    expect(findRecurrence(Array.from({ length: 200_000 }, (_, day) => START + day))).toBeUndefined();
  });
});

describe('bursts', () => {
  it('begin where counts leave what is usual, and once each', () => {
    const recorder = new BurstRecorder();
    const random = seeded(3);
    const began: number[] = [];
    for (let cell = 0; cell < 6 * 360; cell += 1) {
      const isBurst = cell % 360 >= 300 && cell % 360 < 318;
      const usual = Math.floor(random() * 5);
      if (recorder.add(START + cell * BURST_CELL_MS, usual + (isBurst ? 40 : 0))) began.push(cell % 360);
    }
    expect(began).toEqual([300, 300, 300, 300, 300, 300]);
    expect(recorder.level).toBeGreaterThan(1);
    expect(recorder.level).toBeLessThan(3);
    expect(recorder.counts.every((count) => count > 700 && count < 850)).toBe(true);
  });

  it('are not in steady counts of any size', () => {
    for (const rate of [0.3, 1, 10, 300]) {
      const recorder = new BurstRecorder();
      const random = seeded(11);
      for (let cell = 0; cell < 5_000; cell += 1) {
        let [count, product] = [0, random()];
        // Knuth's Poisson counts; of large rates a normal one.
        if (rate > 50) {
          count = Math.max(0, Math.round(rate + Math.sqrt(rate) * 3.5 * (random() + random() - 1)));
        } else for (; product > Math.exp(-rate); product *= random()) count += 1;
        recorder.add(START + cell * BURST_CELL_MS, count);
      }
      expect(recorder.times).toEqual([]);
    }
  });

  it('that last are how it is now', () => {
    const recorder = new BurstRecorder();
    for (let cell = 0; cell < 3_000; cell += 1) {
      recorder.add(START + cell * BURST_CELL_MS, cell < 500 ? 1 : 50);
    }
    expect(recorder.times).toHaveLength(1);
    expect(recorder.level).toBeGreaterThan(25);
  });

  it('are those that adding up cell by cell gives, however long nothing comes', () => {
    const event = fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 60 }));
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const [sparse, dense] = [new BurstRecorder(), new BurstRecorder()];
        let cell = Math.floor(START / BURST_CELL_MS);
        for (const [index, [gap, count]] of events.entries()) {
          // Of either the first cell is the first that it was told of.
          for (let each = 0; each < gap && index > 0; each += 1) dense.add((cell + each) * BURST_CELL_MS, 0);
          if (index > 0) cell += gap;
          sparse.add(cell * BURST_CELL_MS, count);
          dense.add(cell * BURST_CELL_MS, count);
        }
        expect(sparse.times).toEqual(dense.times);
        expect(sparse.level).toBeCloseTo(dense.level, 6);
      }),
    );
  });

  it('are those of naive code that keeps every cell', () => {
    const usual = fc.constantFrom(0, 0, 1, 2, 3);
    const burst = fc.tuple(
      fc.integer({ min: 185, max: 900 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 90 }),
    );
    let began = 0;
    fc.assert(
      fc.property(
        fc.array(usual, { minLength: 900, maxLength: 900 }),
        fc.array(burst, { maxLength: 4 }),
        (cells, bursts) => {
          const counts = cells.map((count, cell) =>
            bursts.reduce<number>(
              (sum, [from, length, size]) => sum + (cell >= from && cell < from + length ? size : 0),
              count,
            ),
          );
          const recorder = new BurstRecorder();
          counts.forEach((count, cell) => recorder.add(START + cell * BURST_CELL_MS, count));

          let [level, started, lastHigh] = [0, -Infinity, -Infinity];
          const times: number[] = [];
          for (const [cell, count] of counts.entries()) {
            const isHigh =
              cell >= 180 && count > 0 && (level < 0.05 || count > 3 * level + 4 * Math.sqrt(level) + 3);
            if (isHigh && cell - lastHigh > 6) {
              started = cell;
              times.push(START + cell * BURST_CELL_MS);
            }
            if (isHigh) lastHigh = cell;
            // The last cell is not over yet.
            if (cell === counts.length - 1) continue;
            if (cell < 180) {
              level = counts.slice(0, cell + 1).reduce<number>((sum, each) => sum + each, 0) / (cell + 1);
            } else if (!isHigh) level += (count - level) / 360;
            else if (cell - started >= 180) level += (count - level) / 60;
          }
          expect(recorder.times).toEqual(times.slice(-MOST_BURSTS));
          expect(recorder.level).toBeCloseTo(level, 9);
          began += times.length;
        },
      ),
      { numRuns: 40 },
    );
    expect(began).toBeGreaterThan(10);
  });

  it('are none of one time, and count what is late or doubled where they are', () => {
    const recorder = new BurstRecorder();
    for (let each = 0; each < 1_000; each += 1) recorder.add(START, 1e300);
    expect([recorder.times, recorder.level]).toEqual([[], 0]);
    const [ordered, turned] = [new BurstRecorder(), new BurstRecorder()];
    for (let cell = 0; cell < 1_000; cell += 1) {
      const at = START + cell * BURST_CELL_MS;
      for (const back of [0, 0]) ordered.add(at - back, 2);
      for (const back of [0, 500_000]) turned.add(at - back, 2);
    }
    expect(turned.export()).toEqual(ordered.export());
  });

  it('go on after a restart as if there had been none', () => {
    const [whole, before] = [new BurstRecorder(), new BurstRecorder()];
    const feed = (recorder: BurstRecorder, from: number, to: number): void => {
      for (let cell = from; cell < to; cell += 1) {
        recorder.add(START + cell * BURST_CELL_MS, cell % 90 === 0 ? 20 : 1);
      }
    };
    feed(whole, 0, 2_000);
    feed(before, 0, 1_000);
    const after = BurstRecorder.import(
      JSON.parse(JSON.stringify(before.export())) as ReturnType<BurstRecorder['export']>,
    );
    feed(after, 1_000, 2_000);
    expect(after.export()).toEqual(whole.export());
  });

  it('stay bounded and finite whatever comes', () => {
    const any = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -1, 0, 1e300), fc.nat());
    fc.assert(
      fc.property(fc.array(fc.tuple(any, any), { maxLength: 100 }), (events) => {
        const recorder = new BurstRecorder();
        for (const [time, count] of events) recorder.add(time, count);
        expect(recorder.times.length).toBeLessThanOrEqual(MOST_BURSTS);
        expect(recorder.level).toBeLessThan(Infinity);
      }),
      {
        examples: [
          [
            [
              [1e300, 1e300],
              [0, Number.MAX_VALUE],
              [1.0000000000000002e300, 0],
            ],
          ],
        ],
      },
    );
  });
});
