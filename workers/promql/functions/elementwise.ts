import { Sample, StepSeries } from '../evaluate/step-series.ts';

const RADIANS = Math.PI / 180;
const sign = (value: number): number => (value < 0 ? -1 : value > 0 ? 1 : value);

/** Functions of one float. */
export const FLOAT_FUNCTIONS: ReadonlyMap<string, (value: number) => number> = new Map([
  ['abs', Math.abs],
  ['acos', Math.acos],
  ['acosh', Math.acosh],
  ['asin', Math.asin],
  ['asinh', Math.asinh],
  ['atan', Math.atan],
  ['atanh', Math.atanh],
  ['ceil', Math.ceil],
  ['cos', Math.cos],
  ['cosh', Math.cosh],
  ['deg', (value: number) => value / RADIANS],
  ['exp', Math.exp],
  ['floor', Math.floor],
  ['ln', Math.log],
  ['log10', Math.log10],
  ['log2', Math.log2],
  ['rad', (value: number) => value * RADIANS],
  ['sgn', sign],
  ['sin', Math.sin],
  ['sinh', Math.sinh],
  ['sqrt', Math.sqrt],
  ['tan', Math.tan],
  ['tanh', Math.tanh],
]);

const utc = (seconds: number): Date => new Date(seconds * 1000);
const DAY_MS = 86_400_000;

/** Parts of the date that a float is in seconds since 1970, in UTC. */
export const DATE_FUNCTIONS: ReadonlyMap<string, (value: number) => number> = new Map([
  ['day_of_month', (value: number) => utc(value).getUTCDate()],
  ['day_of_week', (value: number) => utc(value).getUTCDay()],
  [
    'day_of_year',
    (value: number) =>
      Math.floor((utc(value).getTime() - Date.UTC(utc(value).getUTCFullYear(), 0, 1)) / DAY_MS) + 1,
  ],
  [
    'days_in_month',
    (value: number) =>
      new Date(Date.UTC(utc(value).getUTCFullYear(), utc(value).getUTCMonth() + 1, 0)).getUTCDate(),
  ],
  ['hour', (value: number) => utc(value).getUTCHours()],
  ['minute', (value: number) => utc(value).getUTCMinutes()],
  ['month', (value: number) => utc(value).getUTCMonth() + 1],
  ['year', (value: number) => utc(value).getUTCFullYear()],
]);

/** Applies a function to all floats; histograms are dropped. `undefined` drops the sample. */
export function mapFloats(
  series: readonly StepSeries[],
  map: (value: number, step: number) => number | undefined,
): StepSeries[] {
  return series.map((one) => {
    const out = new StepSeries(one.labels, one.kinds.length, true);
    for (let step = 0; step < one.kinds.length; step++) {
      if (one.kinds[step] !== Sample.float) continue;
      const value = map(one.values[step] ?? 0, step);
      if (value !== undefined) out.setFloat(step, value);
    }
    return out;
  });
}

/** The only float of each step, NaN where there is none or several. */
export function scalarFrom(series: readonly StepSeries[], count: number): Float64Array {
  const values = new Float64Array(count).fill(NaN);
  for (let step = 0; step < count; step++) {
    const floats = series.filter((one) => one.kinds[step] === Sample.float);
    if (floats.length === 1) values[step] = floats[0]?.values[step] ?? NaN;
  }
  return values;
}
