import type { NativeHistogram } from '../histogram/native-histogram.ts';
import { dropMetadata, type Labels, labelsKey } from '../model/labels.ts';
import { PromqlExecutionError, SAME_LABELS } from './promql-error.ts';

/** What a series has at a step. */
export const Sample = { none: 0, float: 1, histogram: 2 } as const;

/** A series over the steps of a grid. */
export class StepSeries {
  readonly labels: Labels;
  /** The name stays among the labels until the end of the query, so that an outer expression may still use it. */
  readonly dropsName: boolean;
  readonly kinds: Uint8Array;
  readonly values: Float64Array;
  private histograms: (NativeHistogram | undefined)[] | undefined;

  constructor(labels: Labels, count: number, dropsName = false, kinds?: Uint8Array, values?: Float64Array) {
    this.labels = labels;
    this.dropsName = dropsName;
    this.kinds = kinds ?? new Uint8Array(count);
    this.values = values ?? new Float64Array(count);
  }

  setFloat(step: number, value: number): void {
    this.kinds[step] = Sample.float;
    this.values[step] = value;
  }

  setHistogram(step: number, histogram: NativeHistogram): void {
    this.histograms ??= new Array<NativeHistogram | undefined>(this.kinds.length).fill(undefined);
    this.kinds[step] = Sample.histogram;
    this.histograms[step] = histogram;
  }

  histogramAt(step: number): NativeHistogram {
    const histogram = this.histograms?.[step];
    if (histogram === undefined) throw new Error(`no histogram at step ${step}`);
    return histogram;
  }

  hasHistograms(): boolean {
    return this.histograms !== undefined;
  }

  /** The same samples under other labels. */
  relabelled(labels: Labels, dropsName = this.dropsName): StepSeries {
    const copy = new StepSeries(labels, this.kinds.length, dropsName, this.kinds, this.values);
    copy.histograms = this.histograms;
    return copy;
  }

  /** The samples of the steps that `keeps` says; the values are shared. */
  filtered(keeps: (step: number) => boolean, dropsName = this.dropsName): StepSeries {
    const kinds = this.kinds.map((kind, step) => (kind !== Sample.none && keeps(step) ? kind : Sample.none));
    const copy = new StepSeries(this.labels, kinds.length, dropsName, kinds, this.values);
    copy.histograms = this.histograms;
    return copy;
  }

  copySample(step: number, from: StepSeries, fromStep = step): void {
    const kind = from.kinds[fromStep] ?? Sample.none;
    if (kind === Sample.float) this.setFloat(step, from.values[fromStep] ?? 0);
    else if (kind === Sample.histogram) this.setHistogram(step, from.histogramAt(fromStep));
  }

  isEmpty(): boolean {
    return !this.kinds.some((kind) => kind !== Sample.none);
  }
}

/** One series for each label set. Two samples of one label set at one step are an error. */
export function mergeSameLabels(series: readonly StepSeries[]): StepSeries[] {
  const merged = new Map<string, StepSeries>();
  const owned = new Set<StepSeries>();
  for (const one of series) {
    const key = `${labelsKey(one.labels)}${one.dropsName ? '\u0002' : ''}`;
    const first = merged.get(key);
    if (first === undefined) {
      merged.set(key, one);
      continue;
    }
    let target = first;
    if (!owned.has(first)) {
      target = new StepSeries(first.labels, first.kinds.length, first.dropsName);
      for (let step = 0; step < first.kinds.length; step++) target.copySample(step, first);
      owned.add(target);
      merged.set(key, target);
    }
    for (let step = 0; step < one.kinds.length; step++) {
      if (one.kinds[step] === Sample.none) continue;
      if (target.kinds[step] !== Sample.none) throw new PromqlExecutionError(SAME_LABELS);
      target.copySample(step, one);
    }
  }
  return merged.size === series.length ? [...series] : [...merged.values()];
}

/** At the end of a query: names that were to be dropped go, and empty series. */
export function withNamesDropped(series: readonly StepSeries[]): StepSeries[] {
  const named = series
    .filter((one) => !one.isEmpty())
    .map((one) => (one.dropsName ? one.relabelled(dropMetadata(one.labels), false) : one));
  return mergeSameLabels(named);
}
