import { CROWDED_REASONS, MISS_REASONS, type InsightsStatus } from '../../actors/insights/index.ts';
import type { Instrument, Reading } from './instrument.ts';

type Make = (name: string, unit: string, description: string, read: Instrument['read']) => Instrument;

/** What the engine of insights says of itself; nothing where there is none. */
export function insightInstruments(
  status: InsightsStatus | undefined,
  counter: Make,
  gauge: Make,
): readonly Instrument[] {
  if (status === undefined) return [];
  const { counters } = status;
  const one = (value: number): readonly Reading[] => [{ value, attributes: {} }];
  return [
    gauge('ophion.insights.series', '{series}', 'Series that are watched', () => one(status.state.series)),
    gauge('ophion.insights.open', '{insight}', 'Insights that are open', () => one(status.state.open)),
    gauge('ophion.insights.waiting', '{insight}', 'Insights that the store has not taken yet', () =>
      one(status.state.waiting),
    ),
    gauge(
      'ophion.insights.feedback',
      '{verdict}',
      'What people said of the insights that are kept: useful ÷ all is the live precision',
      () => [
        { value: status.state.verdicts.useful, attributes: { verdict: 'useful' } },
        { value: status.state.verdicts.notUseful, attributes: { verdict: 'not-useful' } },
      ],
    ),
    counter(
      'ophion.insights.crowded_out',
      '{item}',
      'What came and was not watched, since as many are watched as there is room for, by reason',
      () => CROWDED_REASONS.map((reason) => ({ value: counters.crowdedOut[reason], attributes: { reason } })),
    ),
    counter('ophion.insights.opened', '{insight}', 'Insights that began', () => one(counters.opened)),
    counter('ophion.insights.closed', '{insight}', 'Insights that are over', () => one(counters.closed)),
    counter('ophion.insights.ticks', '{tick}', 'Times that everything new was judged', () =>
      one(counters.ticks),
    ),
    counter('ophion.insights.ticks.skipped', '{tick}', 'Ticks that found the one before still at work', () =>
      one(counters.skippedTicks),
    ),
    counter('ophion.insights.analyses', '{analysis}', 'Times that causes were looked for', () =>
      one(counters.analyses),
    ),
    counter('ophion.insights.missed', '{task}', 'Parts of ticks that came to nothing, by reason', () =>
      MISS_REASONS.map((reason) => ({ value: counters.missed[reason], attributes: { reason } })),
    ),
    counter(
      'ophion.insights.unread',
      '{item}',
      'Items that were not looked at because there were too many',
      () => [
        { value: counters.unreadLogs, attributes: { signal: 'logs' } },
        { value: counters.unreadPoints, attributes: { signal: 'metrics' } },
      ],
    ),
    counter('ophion.insights.batches.dropped', '{batch}', 'Batches that did not wait for a tick', () =>
      one(counters.droppedBatches),
    ),
  ];
}
