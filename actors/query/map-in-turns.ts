import { Turns } from './turns.ts';

/** What is made for each place below `count`, without holding the event loop. */
export async function mapInTurns<Made>(
  count: number,
  signal: AbortSignal,
  make: (place: number) => Made,
): Promise<Made[]> {
  const made: Made[] = [];
  const turns = new Turns(signal);
  for (let place = 0; place < count; place += 1) {
    made.push(make(place));
    if (turns.isOver()) await turns.next();
  }
  return made;
}
