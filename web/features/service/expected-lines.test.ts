import { describe, expect, it } from 'vitest';
import { expectedLines, type ExpectedFigures } from './expected-lines.ts';

const NAME = { label: 'expected', colour: '#123456' };
const band = (upper: number) => ({ expected: upper / 2, lower: upper / 4, upper });
const step = (startUnixMs: number, upper?: number): ExpectedFigures['steps'][number] => ({
  ...{ startUnixMs, errors: null, p95Ms: null },
  requests: upper === undefined ? null : band(upper),
});
const figures: ExpectedFigures = {
  stepMs: 10_000,
  learning: ['errors'],
  steps: [step(100_000), step(110_000, 8), step(120_000, 16)],
};
const seconds = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => ({ x: (from + at) * 1_000, y: 1 }));

describe('the band of a live chart', () => {
  it('has a point for each of the line, of the step that it is in', () => {
    const measured = seconds(95, 125);
    const [lower, upper] = expectedLines(figures, 'requests', measured, NAME);
    expect(upper?.points.map(({ x }) => x)).toEqual(measured.map(({ x }) => x));
    const at = (second: number) => upper?.points.find(({ x }) => x === second * 1_000)?.y;
    expect([95, 99, 100, 109, 110, 119, 120, 125].map(at)).toEqual([null, null, null, null, 8, 8, 16, 16]);
    expect(lower?.points.at(-1)).toEqual({ x: 125_000, y: 4 });
    expect([lower?.look, upper?.look]).toEqual(['edge', 'band']);
  });

  it('goes on with the newest step until there is another', () => {
    const [, upper] = expectedLines(figures, 'requests', seconds(128, 140), NAME);
    expect(upper?.points.map(({ y }) => y)).toEqual(Array.from({ length: 13 }, () => 16));
  });

  it('is not there while nothing is expected', () => {
    expect(expectedLines(undefined, 'requests', seconds(100, 110), NAME)).toEqual([]);
    expect(expectedLines({ ...figures, steps: [] }, 'requests', seconds(100, 110), NAME)).toEqual([]);
    expect(expectedLines(figures, 'errors', seconds(100, 110), NAME)).toEqual([]);
    expect(expectedLines(figures, 'requests', [], NAME)).toEqual([]);
  });
});
