export interface EventCounts {
  readonly events: number;
  readonly found: number;
  readonly episodes: number;
  readonly trueEpisodes: number;
}

export interface EventScore extends EventCounts {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Runs of labelled rows as [first, last], from a row on. */
export function labelledEvents(labels: ArrayLike<number>, fromRow: number): [number, number][] {
  const events: [number, number][] = [];
  for (let row = fromRow; row < labels.length; row += 1) {
    if (labels[row] !== 1) continue;
    const open = events.at(-1);
    if (open?.[1] === row - 1) open[1] = row;
    else events.push([row, row]);
  }
  return events;
}

/**
 * Counts of one file: an event is found if a row of it, or one of the `tolerance` rows after it, is detected; detections at most
 * `tolerance` rows apart are one episode, which is true if any of its rows finds an event.
 *
 * @param detected rows in ascending order, none before those that events were taken from
 */
export function countEvents(
  events: readonly (readonly [number, number])[],
  detected: readonly number[],
  tolerance: number,
): EventCounts {
  const finds = (row: number): boolean =>
    events.some(([first, last]) => row >= first && row <= last + tolerance);
  let episodes = 0;
  let trueEpisodes = 0;
  let isTrue = false;
  detected.forEach((row, index) => {
    const before = detected[index - 1];
    if (before === undefined || row - before > tolerance) {
      episodes += 1;
      isTrue = false;
    }
    if (!isTrue && finds(row)) {
      trueEpisodes += 1;
      isTrue = true;
    }
  });
  const found = events.filter(([first, last]) =>
    detected.some((row) => row >= first && row <= last + tolerance),
  ).length;
  return { events: events.length, found, episodes, trueEpisodes };
}

/** Precision, recall and F1 of the sums over files. */
export function scoreEvents(counts: readonly EventCounts[]): EventScore {
  const sum = (key: keyof EventCounts): number => counts.reduce((total, count) => total + count[key], 0);
  const [events, found] = [sum('events'), sum('found')];
  const [episodes, trueEpisodes] = [sum('episodes'), sum('trueEpisodes')];
  const precision = episodes === 0 ? 0 : trueEpisodes / episodes;
  const recall = events === 0 ? 0 : found / events;
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { events, found, episodes, trueEpisodes, precision, recall, f1 };
}
