/** When something is full, seconds from now; `undefined`: not foreseen. */
export interface FullIn {
  readonly median: number | undefined;
  readonly earliest: number | undefined;
  readonly latest: number | undefined;
}

const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ['weeks', 604_800],
  ['days', 86_400],
  ['hours', 3_600],
  ['minutes', 60],
];
/** From two of a unit on it is taken, weeks from eight on: "10 days" says more than "1.4 weeks". */
const LEAST: Readonly<Record<string, number>> = { weeks: 8 };
const USUAL_LEAST = 2;

/** `disk /data full in 6.5 days (80 %: 5.1–9.0)`; what a learned limit is of has never been seen beyond it, and may be elsewhere. */
export function outlookText(
  name: string,
  share: number,
  { median, earliest, latest }: FullIn,
  isLearned = false,
): string {
  const full = isLearned ? 'at its learned ceiling' : 'full';
  if (share >= 1) return `${name} is ${full}`;
  if (median === undefined && earliest === undefined) return `${name} is not foreseen to be ${full}`;
  const [unit, seconds] = unitFor(median ?? earliest ?? 0);
  const figure = (value: number): string => (value / seconds).toFixed(1);
  const from = earliest === undefined ? '' : figure(earliest);
  if (median === undefined) return `${name} may be ${full} in ${from} ${unit} or later (80 %)`;
  const range = latest === undefined ? `${from} or later` : `${from}–${figure(latest)}`;
  return `${name} ${full} in ${figure(median)} ${unit} (80 %: ${range})`;
}

function unitFor(seconds: number): readonly [string, number] {
  const fits = UNITS.find(([name, unit]) => seconds >= unit * (LEAST[name] ?? USUAL_LEAST));
  return fits ?? ['minutes', 60];
}
