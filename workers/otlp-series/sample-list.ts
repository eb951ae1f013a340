import { type Labels, markStale, type Series } from '../promql/index.ts';

/** The samples of one series while its chunks are read. */
export class SampleList {
  private times = new Float64Array(64);
  private values = new Float64Array(64);
  private stale: number[] = [];
  /** Undefined where each sample stands for itself. */
  private weights: Float64Array | undefined;
  private length = 0;

  constructor(capacity: number) {
    this.times = new Float64Array(capacity);
    this.values = new Float64Array(capacity);
  }

  /** `weight`: of how many samples it is one, the others left out before it. */
  add(time: number, value: number, weight = 1): void {
    if (this.length === this.times.length) this.grow();
    this.times[this.length] = time;
    this.values[this.length] = value;
    if (weight !== 1) this.weights ??= new Float64Array(this.times.length).fill(1);
    if (this.weights) this.weights[this.length] = weight;
    this.length++;
  }

  addStale(time: number): void {
    this.stale.push(this.length);
    this.add(time, NaN);
  }

  get isEmpty(): boolean {
    return this.length === 0;
  }

  /** Sorted by time, the last of equal times; deltas are added up. */
  toSeries(labels: Labels, isDelta: boolean): Series {
    const stale = new Set(this.stale);
    const order = this.order();
    const timestamps = Float64Array.from(order, (at) => this.times[at] ?? 0);
    const values = new Float64Array(order.length);
    let total = 0;
    order.forEach((from, at) => {
      if (stale.has(from)) {
        markStale(values, at);
        return;
      }
      total = isDelta ? total + (this.values[from] ?? 0) : (this.values[from] ?? 0);
      values[at] = total;
    });
    const { weights } = this;
    return {
      labels,
      timestamps,
      values,
      ...(weights && { weights: Float64Array.from(order, (at) => weights[at] ?? 1) }),
    };
  }

  private order(): Uint32Array {
    const all = Uint32Array.from({ length: this.length }, (_, at) => at);
    const time = (at: number): number => this.times[at] ?? 0;
    let isAscending = true;
    for (let at = 1; at < this.length && isAscending; at++) isAscending = time(at - 1) < time(at);
    if (isAscending) return all;
    all.sort((left, right) => time(left) - time(right) || left - right);
    return all.filter((at, place) => place + 1 === all.length || time(all[place + 1] ?? 0) !== time(at));
  }

  private grow(): void {
    const [times, values] = [this.times, this.values];
    this.times = new Float64Array(Math.max(64, times.length * 2));
    this.values = new Float64Array(Math.max(64, times.length * 2));
    this.times.set(times);
    this.values.set(values);
    if (!this.weights) return;
    const weights = this.weights;
    this.weights = new Float64Array(this.times.length).fill(1);
    this.weights.set(weights);
  }
}
