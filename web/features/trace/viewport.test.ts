import { describe, expect, it } from 'vitest';
import { clampViewport, panned, placeOf, rulerTicks, zoomed } from './viewport.ts';

describe('viewport', () => {
  it('zooms around its middle and stays inside the trace', () => {
    expect(zoomed({ fromNs: 0, toNs: 1_000 }, 0.5, 1_000)).toEqual({ fromNs: 250, toNs: 750 });
    expect(zoomed({ fromNs: 250, toNs: 750 }, 4, 1_000)).toEqual({ fromNs: 0, toNs: 1_000 });
    expect(panned({ fromNs: 250, toNs: 750 }, 1, 1_000)).toEqual({ fromNs: 500, toNs: 1_000 });
    expect(panned({ fromNs: 250, toNs: 750 }, -1, 1_000)).toEqual({ fromNs: 0, toNs: 500 });
  });

  it('never becomes empty', () => {
    const { fromNs, toNs } = clampViewport({ fromNs: 500, toNs: 500 }, 1_000_000);
    expect(toNs - fromNs).toBe(10);
  });

  it('places bars in per cent and leaves out what lies outside', () => {
    const view = { fromNs: 100, toNs: 300 };
    expect(placeOf(150, 50, view)).toEqual({ leftPercent: 25, widthPercent: 25 });
    expect(placeOf(0, 1_000, view)).toEqual({ leftPercent: 0, widthPercent: 100 });
    expect(placeOf(0, 50, view)).toBeUndefined();
    expect(placeOf(301, 50, view)).toBeUndefined();
  });

  it('has round ticks', () => {
    expect(rulerTicks({ fromNs: 0, toNs: 412 })).toEqual([0, 100, 200, 300, 400]);
    expect(rulerTicks({ fromNs: 130, toNs: 230 })).toEqual([140, 160, 180, 200, 220]);
  });
});
