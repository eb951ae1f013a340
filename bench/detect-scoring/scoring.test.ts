import { describe, expect, it } from 'vitest';
import { countEvents, labelledEvents, scoreEvents } from './event-score.ts';
import { type NabFile, scoreNab } from './nab-score.ts';

const STANDARD = { truePositive: 1, falseNegative: 1, falsePositive: 0.11 };

/** 100 rows, of which 15 are not scored; windows of ten rows. */
function file(...windows: (readonly [number, number])[]): NabFile {
  return { name: 'made', unixMs: new Float64Array(100), values: new Float64Array(100), windows };
}

function detecting(...rows: number[]): Float64Array {
  const scores = new Float64Array(100);
  for (const row of rows) scores[row] = 0.9;
  return scores;
}

function rawOf(windows: (readonly [number, number])[], ...rows: number[]): number {
  return scoreNab([file(...windows)], [detecting(...rows)], 0.5, STANDARD).raw;
}

describe('the score of NAB', () => {
  it('is 100 for each window in its first row, and 0 for nothing', () => {
    const files = [file([40, 49], [70, 79])];
    expect(scoreNab(files, [detecting(40, 70)], 0.5, STANDARD).normalised).toBeCloseTo(100);
    expect(scoreNab(files, [detecting()], 0.5, STANDARD).normalised).toBe(0);
  });

  it('counts the earliest detection of a window only, less the later it is', () => {
    expect(rawOf([[40, 49]], 40, 45, 49)).toBeCloseTo(1);
    const last = (2 / (1 + Math.exp(-0.5)) - 1) / (2 / (1 + Math.exp(-5)) - 1);
    expect(rawOf([[40, 49]], 49)).toBeCloseTo(last);
  });

  it('takes 0.11 for each detection outside, less shortly after a window', () => {
    expect(rawOf([[40, 49]], 20, 40)).toBeCloseTo(1 - 0.11);
    const after = 0.11 * (2 / (1 + Math.exp(5 / 9)) - 1);
    expect(rawOf([[40, 49]], 40, 50)).toBeCloseTo(1 + after);
    expect(rawOf([[40, 49]], 40, 99)).toBeCloseTo(1 - 0.11);
  });

  it('does not look at the first rows', () => {
    expect(rawOf([[40, 49]], 0, 14)).toBeCloseTo(-1);
    expect(rawOf([[40, 49]], 15)).toBeCloseTo(-1.11);
  });
});

describe('the score of events', () => {
  const events = labelledEvents([1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1], 1);

  it('takes runs of labels', () => {
    expect(events).toStrictEqual([
      [3, 4],
      [10, 10],
    ]);
  });

  it('merges detections that are close, and allows for late ones', () => {
    expect(countEvents(events, [1, 6, 7], 2)).toStrictEqual({
      events: 2,
      found: 1,
      episodes: 2,
      trueEpisodes: 1,
    });
    expect(countEvents(events, [2, 4], 2)).toMatchObject({ found: 1, episodes: 1, trueEpisodes: 1 });
    expect(countEvents(events, [7], 2)).toMatchObject({ found: 0, episodes: 1, trueEpisodes: 0 });
  });

  it('pools files before it divides', () => {
    const score = scoreEvents([
      { events: 2, found: 1, episodes: 1, trueEpisodes: 1 },
      { events: 2, found: 2, episodes: 4, trueEpisodes: 2 },
    ]);
    expect(score).toMatchObject({ recall: 0.75, precision: 0.6 });
    expect(score.f1).toBeCloseTo(2 / 3);
    expect(scoreEvents([]).f1).toBe(0);
  });
});
