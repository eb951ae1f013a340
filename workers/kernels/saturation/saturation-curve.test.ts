import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LoadSample, saturationCurve } from './index.ts';

/** A queue of known capacity, seen over a day of load, with the spread that `noise` gives. */
function queue(capacity: number, base: number, most: number, noise: (row: number) => number): LoadSample {
  const throughput = Float64Array.from(
    { length: 288 },
    (_, row) => most * (0.55 + 0.45 * Math.sin((row * Math.PI) / 144)),
  );
  return { throughput, latency: throughput.map((rate, row) => (base / (1 - rate / capacity)) * noise(row)) };
}

const wave = (row: number): number => 1 + 0.05 * Math.sin(row * 12.9898);

describe('saturation curve', () => {
  it('finds base, capacity, knee and head-room of a queue that it never saw full', () => {
    const curve = saturationCurve(queue(200, 40, 90, wave));
    if (curve.kind === 'none') throw new Error(curve.message);
    expect(Math.abs(curve.capacity - 200)).toBeLessThan(20);
    expect(Math.abs(curve.baseLatency - 40)).toBeLessThan(3);
    expect(curve.kneeThroughput).toBe(curve.capacity / 2);
    expect(Math.abs(curve.headroom - 0.1)).toBeLessThan(0.12);
    expect(curve.explained).toBeGreaterThan(0.7);
  });

  it('is beyond the knee under too much load, and spikes change little', () => {
    const spiky = queue(100, 5, 80, (row) => (row % 17 === 0 ? 30 : wave(row)));
    const curve = saturationCurve(spiky);
    if (curve.kind === 'none') throw new Error(curve.message);
    expect(Math.abs(curve.capacity - 100)).toBeLessThan(8);
    expect(curve.headroom).toBeLessThan(-0.4);
  });

  it('of any queue that was seen to bend has its base and capacity, in any order of its samples', () => {
    const share = fc.double({ min: 0.55, max: 0.9, noNaN: true });
    const of = fc.double({ min: 1, max: 1e4, noNaN: true });
    fc.assert(
      fc.property(of, of, share, fc.nat(287), (capacity, base, busiest, turn) => {
        const { throughput, latency } = queue(capacity, base, capacity * busiest, () => 1);
        const turned = (values: Float64Array): Float64Array =>
          Float64Array.from([...values.subarray(turn), ...values.subarray(0, turn)]).reverse();
        const curve = saturationCurve({ throughput: turned(throughput), latency: turned(latency) });
        if (curve.kind === 'none') throw new Error(curve.message);
        expect(Math.abs(curve.capacity / capacity - 1)).toBeLessThan(0.06);
        expect(Math.abs(curve.baseLatency / base - 1)).toBeLessThan(0.06);
        // Naive: the twentieth part that was busiest begins there.
        const sorted = throughput.toSorted();
        expect(curve.busyThroughput).toBe(sorted[Math.floor(0.95 * (sorted.length - 1))]);
        expect(curve.headroom).toBeCloseTo(1 - curve.busyThroughput / (curve.capacity / 2), 9);
      }),
    );
  });

  it('is the same curve in other units', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
        (speed, unit) => {
          const plain = queue(200, 40, 150, wave);
          const curve = saturationCurve(plain);
          const other = saturationCurve({
            throughput: plain.throughput.map((value) => value * speed),
            latency: plain.latency.map((value) => value * unit),
          });
          if (curve.kind === 'none' || other.kind === 'none') throw new Error('no curve');
          expect(other.capacity / speed / curve.capacity).toBeCloseTo(1, 6);
          expect(other.baseLatency / unit / curve.baseLatency).toBeCloseTo(1, 6);
          expect(other.headroom).toBeCloseTo(curve.headroom, 6);
        },
      ),
    );
  });

  it('says why there is none', () => {
    const even = Float64Array.from({ length: 100 }, (_, row) => 50 + (row % 3));
    const varied = Float64Array.from({ length: 100 }, (_, row) => 1 + row);
    const steady = varied.map((_, row) => 20 * wave(row));
    expect(saturationCurve({ throughput: varied.slice(0, 19), latency: varied.slice(0, 19) })).toMatchObject({
      reason: 'too-few-samples',
    });
    expect(saturationCurve({ throughput: even, latency: varied })).toMatchObject({
      reason: 'throughput-hardly-varies',
    });
    expect(saturationCurve({ throughput: varied, latency: steady })).toMatchObject({
      reason: 'no-bend-seen',
    });
    expect(saturationCurve({ throughput: varied, latency: varied.map((rate) => 100 / rate) })).toMatchObject({
      reason: 'no-bend-seen',
    });
  });

  it('answers whatever is given', () => {
    const value = fc.oneof(fc.double(), fc.constantFrom(0, Number.NaN, Infinity, 1e300, 5e-324, 1));
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { maxLength: 80 }), (pairs) => {
        const curve = saturationCurve({
          throughput: Float64Array.from(pairs, ([rate]) => rate),
          latency: Float64Array.from(pairs, ([, duration]) => duration),
        });
        if (curve.kind === 'none') expect(curve.message).not.toBe('');
        else {
          expect(Object.values(curve).every((each) => each === 'curve' || Number.isFinite(each))).toBe(true);
        }
      }),
    );
    const filled = (length: number, of: number): Float64Array => new Float64Array(length).fill(of);
    for (const of of [0, -1, NaN, Infinity, 1e300, 5e-324]) {
      for (const length of [0, 1, 100]) {
        expect(saturationCurve({ throughput: filled(length, of), latency: filled(length, of) }).kind).toBe(
          'none',
        );
      }
    }
    expect(saturationCurve({ throughput: filled(100, 5), latency: filled(3, 5) })).toMatchObject({
      reason: 'too-few-samples',
    });
  });
});
