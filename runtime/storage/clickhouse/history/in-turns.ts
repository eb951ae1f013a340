import { Turns } from '../../../../actors/query/index.ts';

/** Visits all rows without holding the event loop. */
export async function inTurns<Row>(rows: readonly Row[], visit: (row: Row) => void): Promise<void> {
  const turns = new Turns();
  for (const row of rows) {
    visit(row);
    if (turns.isOver()) await turns.next();
  }
}
