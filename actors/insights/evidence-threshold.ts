import { EVENT_CELL_MS } from './span-watch.ts';

const FALSE_AN_HOUR = 0.02;
const CELLS_AN_HOUR = 3_600_000 / EVENT_CELL_MS;
/** The test of a few series is as strict as that of so many. */
const FEWEST_SERIES = 100;

/** In nats: evidence at which so many series together are wrong no more often than is permitted (Bonferroni over series and cells). */
export function evidenceThreshold(series: number, falseAnHour = FALSE_AN_HOUR): number {
  return Math.log((Math.max(FEWEST_SERIES, series) * CELLS_AN_HOUR) / falseAnHour);
}
