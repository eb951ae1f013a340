import { setImmediate as nextTurn } from 'node:timers/promises';

/** Rows visited between two turns of the event loop; some milliseconds. */
const TURN_ROWS = 1_024;

/** Visits all rows without holding the event loop. */
export async function inTurns<Row>(rows: readonly Row[], visit: (row: Row) => void): Promise<void> {
  for (let from = 0; from < rows.length; from += TURN_ROWS) {
    if (from > 0) await nextTurn();
    for (const row of rows.slice(from, from + TURN_ROWS)) visit(row);
  }
}
