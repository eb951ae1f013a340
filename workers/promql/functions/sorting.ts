import { Sample, type StepSeries } from '../evaluate/step-series.ts';
import { compareLabels, compareText, labelValue } from '../model/labels.ts';

/** By the value of the only step, NaN last either way; histograms are dropped. */
export function sortByValue(series: readonly StepSeries[], isDescending: boolean): StepSeries[] {
  const floats = series.filter((one) => one.kinds[0] === Sample.float);
  return floats.sort((left, right) => {
    const [a, b] = [left.values[0] ?? NaN, right.values[0] ?? NaN];
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return isDescending ? b - a : a - b;
  });
}

/** By labels, numbers within their values as numbers; by all labels where those are equal. */
export function sortByLabels(
  series: readonly StepSeries[],
  names: readonly string[],
  isDescending: boolean,
): StepSeries[] {
  const direction = isDescending ? -1 : 1;
  return [...series].sort((left, right) => {
    for (const name of names) {
      const order = compareNatural(labelValue(left.labels, name), labelValue(right.labels, name));
      if (order !== 0) return direction * order;
    }
    return direction * compareLabels(left.labels, right.labels);
  });
}

/** `4m5` before `4m600`: runs of digits compare by their value. */
export function compareNatural(left: string, right: string): number {
  const [a, b] = [chunks(left), chunks(right)];
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const [one, other] = [a[at] ?? '', b[at] ?? ''];
    const areNumbers = /^\d/u.test(one) && /^\d/u.test(other);
    const order = areNumbers ? Number(one) - Number(other) : compareText(one, other);
    if (order !== 0) return order;
  }
  return a.length - b.length || compareText(left, right);
}

const chunks = (text: string): string[] => text.match(/\d+|\D+/gu) ?? [];
