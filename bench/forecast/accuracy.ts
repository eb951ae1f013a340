/** Mean of 200·|y − f| / (|y| + |f|) over the steps, in percent; a step of two zeros counts 0. Makridakis et al. 2020. */
export function smape(actual: Float64Array, forecast: Float64Array): number {
  let sum = 0;
  for (let step = 0; step < actual.length; step += 1) {
    const [value, guess] = [at(actual, step), at(forecast, step)];
    const size = Math.abs(value) + Math.abs(guess);
    if (size > 0) sum += (200 * Math.abs(value - guess)) / size;
  }
  return sum / actual.length;
}

/** Mean |x[t] − x[t − period]| of the training part: what MASE and MSIS are measured in. Hyndman & Koehler 2006. */
export function seasonalScale(training: Float64Array, period: number): number {
  let sum = 0;
  for (let row = period; row < training.length; row += 1) {
    sum += Math.abs(at(training, row) - at(training, row - period));
  }
  return sum / (training.length - period);
}

/** Mean |y − f| over the steps in units of `scale`. */
export function mase(actual: Float64Array, forecast: Float64Array, scale: number): number {
  let sum = 0;
  for (let step = 0; step < actual.length; step += 1) sum += Math.abs(at(actual, step) - at(forecast, step));
  return sum / actual.length / scale;
}

/** Mean scaled interval score of the central `coverage` interval. Gneiting & Raftery 2007. */
export function msis(
  actual: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
  { scale, coverage }: { readonly scale: number; readonly coverage: number },
): number {
  const penalty = 2 / (1 - coverage);
  let sum = 0;
  for (let step = 0; step < actual.length; step += 1) {
    const [value, low, high] = [at(actual, step), at(lower, step), at(upper, step)];
    sum += high - low + penalty * (Math.max(0, low - value) + Math.max(0, value - high));
  }
  return sum / actual.length / scale;
}

/** How many of the actual values lie in their interval, borders included. */
export function countInside(actual: Float64Array, lower: Float64Array, upper: Float64Array): number {
  let inside = 0;
  for (let step = 0; step < actual.length; step += 1) {
    const value = at(actual, step);
    if (value >= at(lower, step) && value <= at(upper, step)) inside += 1;
  }
  return inside;
}

function at(values: Float64Array, index: number): number {
  return values[index] ?? Number.NaN;
}
