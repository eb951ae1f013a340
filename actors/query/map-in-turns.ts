import { setImmediate as nextTurn } from 'node:timers/promises';

/** Items made between two turns of the event loop; some milliseconds at most. */
const TURN_ITEMS = 1_024;

/** What is made for each place below `count`, without holding the event loop. */
export async function mapInTurns<Made>(
  count: number,
  signal: AbortSignal,
  make: (place: number) => Made,
): Promise<Made[]> {
  const made: Made[] = [];
  for (let place = 0; place < count; place += 1) {
    made.push(make(place));
    if (place % TURN_ITEMS !== TURN_ITEMS - 1) continue;
    await nextTurn();
    signal.throwIfAborted();
  }
  return made;
}
