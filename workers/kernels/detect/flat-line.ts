// Hot: once a point. Bench: bench/detect.

/** Rounded values repeat by chance. */
const LEAST_REPEAT_SHARE = 0.7;
const SHARE_RATE = 1 / 512;
/** The longest run is forgotten over so many points that are no repeats. */
const RUN_FADE = 1 - 1 / 4_096;
/** However long a line has been flat, what comes after it may be news. */
const MOST_SURPRISE = 8;

const REPEATS = 0;
const REPEAT_SHARE = 1;
const LONGEST_RUN = 2;

/** Doubles of one series' flat lines. */
export const FLAT_LINE_SIZE = 3;

/**
 * How surprising it is that a value repeats, −log10 of a probability: the tail of a geometric distribution with the share of repeats
 * that the series has had (runs of Bernoulli trials: Feller 1950). At least seven in ten are taken to be repeats, as values may be
 * rounded; a series that hardly ever moves is not surprising when it does not. Runs of some series are far longer than by that
 * distribution, as of what is idle at times: only what is beyond the longest run of before counts. O(1); the state is `FLAT_LINE_SIZE`
 * doubles from `at` on, zeros at first.
 *
 * @param moves whether the series usually moves at all
 */
export function flatLineSurprise(state: Float64Array, at: number, isRepeat: boolean, moves: boolean): number {
  const before = state[at + REPEAT_SHARE] ?? 0;
  const share = before + SHARE_RATE * ((isRepeat ? 1 : 0) - before);
  state[at + REPEAT_SHARE] = share;
  const longest = state[at + LONGEST_RUN] ?? 0;
  const repeats = state[at + REPEATS] ?? 0;
  if (!isRepeat) {
    state[at + LONGEST_RUN] = Math.max(longest * RUN_FADE, repeats);
    state[at + REPEATS] = 0;
    return 0;
  }
  state[at + REPEATS] = repeats + 1;
  if (!moves) return 0;
  const beyond = Math.max(0, repeats + 1 - longest);
  return Math.min(MOST_SURPRISE, -beyond * Math.log10(Math.max(LEAST_REPEAT_SHARE, share)));
}
