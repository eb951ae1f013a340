import { describe, expect, it } from 'vitest';
import type { ServiceId, ServiceKey } from '../../proto/columns/index.ts';
import { symptomsOf, troubleOf, withSymptomsOf, type Symptom, type Trouble } from './symptom.ts';
import type { WatchedSeries } from './watched-series.ts';

const NOW_MS = 1_000_000;

function series(more: Partial<WatchedSeries>): WatchedSeries {
  return {
    serviceId: '~~cart' as ServiceId,
    service: { namespace: '', name: 'cart', environment: '' } satisfies ServiceKey,
    ...{ source: 'spans', signal: 'errors', test: 'share', name: 'errors', operation: 'GET /', peer: '' },
    ...{ labels: {}, unit: '1', key: more.operation ?? 'GET /', evidence: 20, bornMs: 0, seenMs: NOW_MS },
    ...{ sinceMs: NOW_MS - 10_000, lower: 0, upper: 0, observed: 0, expected: 0 },
    ...more,
  } as WatchedSeries;
}

const errors = (share: number, operation = 'GET /', evidence = 20): Partial<WatchedSeries> => ({
  ...{ observed: share, operation, evidence },
});
const slow = (times: number, evidence = 20): Partial<WatchedSeries> => ({
  ...{ signal: 'latency', test: 'durations', operation: 'SLOW', evidence },
  ...{ observed: times * 20e6, expected: 20e6 },
});

const symptoms = (...all: Partial<WatchedSeries>[]): Symptom[] =>
  symptomsOf(all.map(series), () => 0, NOW_MS);
const trouble = (...all: Partial<WatchedSeries>[]): Trouble =>
  troubleOf(symptoms(...all)) ?? expect.unreachable();

describe('what is off', () => {
  it.each([
    ['s/s', 0.0000017, 0],
    ['s/s', 0.2, 1],
    ['ms/s', 2, 0],
    ['ms/s', 200, 1],
    ['By', 0.0000017, 1],
  ])('in %s: %f where there was nothing is a symptom %i times', (unit, observed, times) => {
    const point = { test: 'point', source: 'metric', signal: 'other', unit, observed } as const;
    expect(symptoms(point)).toHaveLength(times);
  });

  it('is led by what users suffer from, however sure the rest is', () => {
    const { symptoms: sorted } = trouble(slow(3, 90), errors(0.1, 'GET /a', 60), errors(0.5, 'GET /b', 12));
    expect(sorted.map((symptom) => symptom.series.operation)).toEqual(['GET /b', 'SLOW', 'GET /a']);
  });
});

describe('what went wrong in all', () => {
  it('has each figure at its worst, whichever trouble speaks', () => {
    const early = trouble(errors(0.17), slow(3));
    const late = trouble(errors(0.5), slow(2));
    for (const joined of [withSymptomsOf(early, late), withSymptomsOf(late, early)]) {
      const observed = joined.symptoms.map((symptom) => [symptom.series.operation, symptom.series.observed]);
      expect(observed).toEqual([
        ['GET /', 0.5],
        ['SLOW', 60e6],
      ]);
    }
  });

  it('takes in what comes besides only where it is clear', () => {
    const first = trouble(errors(0.5));
    expect(withSymptomsOf(first, trouble(slow(3, 4))).symptoms).toHaveLength(1);
    expect(withSymptomsOf(first, trouble(slow(3))).symptoms).toHaveLength(2);
  });
});
