import { expect, it } from 'vitest';
import type { InsightsStatus } from '../../actors/insights/index.ts';
import { insightInstruments } from './insight-instruments.ts';
import type { Instrument } from './instrument.ts';

const status: InsightsStatus = {
  counters: {
    ...{ ticks: 1, skippedTicks: 2, droppedBatches: 3, opened: 4, closed: 5, analyses: 6 },
    ...{ missed: { deadline: 7, overloaded: 8, failed: 9 }, unreadLogs: 10, unreadPoints: 11 },
    crowdedOut: { services: 12, series: 13, insights: 14 },
  },
  state: { series: 15, open: 16, waiting: 17, verdicts: { useful: 18, notUseful: 19 } },
};

it('what was not watched and what people said of insights are told by reason', () => {
  const make =
    (kind: Instrument['kind']) =>
    (name: string, unit: string, description: string, read: Instrument['read']): Instrument => ({
      ...{ name, kind, unit, description, read },
    });
  const instruments = insightInstruments(status, make('counter'), make('gauge'));
  const told = (name: string): unknown =>
    instruments
      .find((each) => each.name === name)
      ?.read()
      .map(({ value, attributes }) => [value, attributes]);
  expect(told('ophion.insights.crowded_out')).toEqual([
    [12, { reason: 'services' }],
    [13, { reason: 'series' }],
    [14, { reason: 'insights' }],
  ]);
  expect(told('ophion.insights.feedback')).toEqual([
    [18, { verdict: 'useful' }],
    [19, { verdict: 'not-useful' }],
  ]);
  expect(insightInstruments(undefined, make('counter'), make('gauge'))).toEqual([]);
});
