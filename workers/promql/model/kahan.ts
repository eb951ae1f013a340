/**
 * A sum that keeps what rounding took away (Kahan's algorithm as Neumaier improved it), as Prometheus sums.
 * `total()` is the sum; the two parts are readable for means.
 */
export class KahanSum {
  sum: number;
  compensation = 0;

  constructor(sum = 0) {
    this.sum = sum;
  }

  add(value: number): void {
    const next = this.sum + value;
    if (!Number.isFinite(next)) this.compensation = 0;
    else if (Math.abs(this.sum) >= Math.abs(value)) this.compensation += this.sum - next + value;
    else this.compensation += value - next + this.sum;
    this.sum = next;
  }

  /** Multiplies, then adds: a step of an incremental mean. */
  scale(factor: number): void {
    this.sum *= factor;
    this.compensation *= factor;
  }

  divide(divisor: number): void {
    this.sum /= divisor;
    this.compensation /= divisor;
  }

  total(): number {
    return this.sum + this.compensation;
  }

  copy(): KahanSum {
    const copy = new KahanSum(this.sum);
    copy.compensation = this.compensation;
    return copy;
  }
}
